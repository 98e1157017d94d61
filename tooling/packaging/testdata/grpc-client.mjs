// Prints the results of a gRPC client of a host as JSON. The argument is the address.
import { credentials } from "@grpc/grpc-js";
import { BridgeServiceClient, HealthClient, ServerReflectionClient } from "@snakepit/gateway/grpc";

const [address] = process.argv.slice(2);
const clients = [BridgeServiceClient, HealthClient, ServerReflectionClient].map(
  (Client) => new Client(address, credentials.createInsecure()),
);
const [bridge, health, reflection] = clients;

const answer = (call) =>
  new Promise((resolve, reject) => call((error, value) => (error === null ? resolve(value) : reject(error))));
const firstMessage = (request) =>
  new Promise((resolve, reject) => {
    const stream = reflection.serverReflectionInfo();
    stream.once("error", reject).once("data", (message) => resolve(message.messageResponse));
    stream.write(request);
    stream.end();
  });

const { version } = await answer((respond) => bridge.ping({ message: "hello" }, respond));
const { status } = await answer((respond) => health.check({ service: "" }, respond));
const listed = await firstMessage({ host: "", messageRequest: { $case: "listServices", value: "" } });
console.log(JSON.stringify({ version, status, services: listed.value.service.map(({ name }) => name).sort() }));
for (const client of clients) client.close();
