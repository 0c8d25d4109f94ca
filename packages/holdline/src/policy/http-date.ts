const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** The three forms that RFC 9110 §5.6.7 has a recipient accept. */
const FORMS: readonly RegExp[] = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<shortYear>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

const DAY_MS = 86_400_000;
/** The average year of the calendar, by which the century of a year of two digits is guessed. */
const YEAR_MS = 365.2425 * DAY_MS;

/**
 * Reads an HTTP date (RFC 9110 §5.6.7): the form that is sent today and the two old ones.
 *
 * @param nowMs - Wall time in ms since 1970: a year of two digits is never more than 50 years from it.
 * @returns ms since 1970; `undefined` for anything else.
 * @example
 * parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', 0); // => 784111777000
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return fromParts(parts, nowMs);
  }
  return undefined;
}

function fromParts(parts: Readonly<Record<string, string | undefined>>, nowMs: number): number | undefined {
  const part = (name: string): number => Number(parts[name]);
  const year = parts['shortYear'] === undefined ? part('year') : fullYear(part('shortYear'), nowMs);
  const month = MONTHS.indexOf(parts['month'] ?? '');
  const [day, hour, minute, second] = [part('day'), part('hour'), part('minute'), part('second')];
  if (day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) return undefined;
  return daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** A date that would be more than 50 years ahead is the one of a century before. */
function fullYear(short: number, nowMs: number): number {
  const thisYear = 1970 + Math.floor(nowMs / YEAR_MS);
  const year = thisYear - (thisYear % 100) + short;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}

function daysIn(year: number, month: number): number {
  return daysSince1970(year, month + 1, 1) - daysSince1970(year, month, 1);
}

/** Of the Gregorian calendar, whose years are taken to begin in March, so that the leap day is their last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = year + Math.floor((month - 2) / 12);
  const monthsSinceMarch = (month + 10) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * monthsSinceMarch + 2) / 5) + day - 719_469;
}
