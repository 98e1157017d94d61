import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { SnakepitError } from "@snakepit/core";

/** Replaces a request whose bytes are not a message. */
class Malformed {
  readonly error: SnakepitError;

  constructor(error: SnakepitError) {
    this.error = error;
  }
}

/**
 * Returns the definition of a service that passes malformed requests to the handlers, which call {@link decoded}.
 * grpc-js itself ends such a call with `INTERNAL` and without the reason, as if the host had failed.
 */
export function withDecodedRequests<Service extends ServiceDefinition>(service: Service): Service {
  const methods = Object.entries(service).map(([name, method]) => [name, withMalformed(method)]);
  return Object.fromEntries(methods) as Service;
}

/**
 * Returns the request.
 *
 * @throws SnakepitError `INVALID_ARGUMENT` when its bytes are not a message.
 */
export function decoded<Request>(request: Request): Request {
  if (request instanceof Malformed) throw request.error;
  return request;
}

function withMalformed(method: MethodDefinition<unknown, unknown>): MethodDefinition<unknown, unknown> {
  return {
    ...method,
    requestDeserialize: (bytes) => {
      try {
        return method.requestDeserialize(bytes);
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        const problem = `a request of ${method.path} must be a message of that method; got ${bytes.byteLength} bytes`;
        return new Malformed(new SnakepitError("INVALID_ARGUMENT", `${problem}: ${reason}`, { cause: thrown }));
      }
    },
  };
}
