import { describeClient } from './support/describe-client.js';
import { dynamoDb } from './support/dynamodb.js';

describeClient('the AWS SDK (DynamoDB)', (ground) => dynamoDb(ground, 1), { kinds: ['post'], hangUpAt: 'error' });
