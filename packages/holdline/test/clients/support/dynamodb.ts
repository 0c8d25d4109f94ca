import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Client, Ground } from './run.js';

/**
 * The AWS SDK's client of DynamoDB, whose every request is a POST without a key.
 *
 * @param maxAttempts - As in the SDK, which makes 3 unless it is told otherwise.
 */
export function dynamoDb({ agent, origin }: Ground, maxAttempts: number): Client {
  const client = new DynamoDBClient({
    endpoint: origin,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { httpAgent: agent, httpsAgent: agent },
    maxAttempts,
  });
  return {
    async send({ id, headers }) {
      const command = new PutItemCommand({ TableName: 'orders', Item: { id: { S: id } } });
      command.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, headers);
          return next(args);
        },
        { step: 'build' },
      );
      return client.send(command);
    },
    close: () => client.destroy(),
  };
}
