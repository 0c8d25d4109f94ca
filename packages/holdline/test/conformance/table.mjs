export const writeTable = () => {};
export const checkTable = (r) => r.filter((c) => c.outcome === 'differs' || c.outcome === 'missing').map((c) => c.name);
