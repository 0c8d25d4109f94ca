/**
 * What a Line's connection is in the midst of.
 *
 * | phase | means | writes |
 * |---|---|---|
 * | `opening` | the first connection is being made | wait |
 * | `open` | the connection may be written to | go |
 * | `waiting` | for what a feeler meets, or two turns of the loop, to hear of a FIN | wait |
 * | `lost` | the connection went after a request took it and before it wrote | open a new one |
 * | `weighing` | the connection hung up; evidence is looked for | wait |
 * | `reopening` | a new connection is being made | wait |
 */
export type Phase = 'opening' | 'open' | 'waiting' | 'lost' | 'weighing' | 'reopening';
