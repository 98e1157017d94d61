import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js";
import {
  BRIDGE_DESCRIPTORS,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from "../grpc.ts";

type ReflectionCall = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;

/** `v1alpha` has the same messages as `v1` and another path. */
const ALPHA_PATH = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/** Adds reflection to a server: `grpc.reflection.v1`, and `v1alpha` for older clients. */
export function addReflection(server: Server): void {
  const serverReflectionInfo = (call: ReflectionCall) => {
    call.on("data", (originalRequest: ServerReflectionRequest) => {
      // Shared by all servers and parsed on the first request, because they take a megabyte of memory.
      descriptors ??= new ReflectedDescriptors(BRIDGE_DESCRIPTORS);
      const messageResponse = descriptors.answer(originalRequest.messageRequest);
      call.write({ validHost: originalRequest.host, originalRequest, messageResponse });
    });
    call.on("end", () => call.end());
  };
  const { serverReflectionInfo: method } = ServerReflectionService;
  server.addService(ServerReflectionService, { serverReflectionInfo });
  server.addService({ serverReflectionInfo: { ...method, path: ALPHA_PATH } }, { serverReflectionInfo });
}

let descriptors: ReflectedDescriptors | undefined;

/** Answers the requests of the reflection protocol from a set of descriptors. */
class ReflectedDescriptors {
  readonly #registry: ReturnType<typeof createFileRegistry>;

  /** @param set an encoded `google.protobuf.FileDescriptorSet`. */
  constructor(set: Uint8Array) {
    this.#registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
  }

  answer(request: ServerReflectionRequest["messageRequest"]): Answer {
    switch (request?.$case) {
      case "listServices":
        return { $case: "listServicesResponse", value: { service: this.#services() } };
      case "fileByFilename":
        return this.#files(this.#registry.getFile(request.value)?.proto, `unknown file ${request.value}`);
      case "fileContainingSymbol":
        return this.#files(this.#fileOfSymbol(request.value), `unknown symbol ${request.value}`);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = request.value;
        const extension = this.#extensionsOf(containingType).find(({ number }) => number === extensionNumber);
        return this.#files(extension?.file.proto, `unknown extension ${extensionNumber} of ${containingType}`);
      }
      case "allExtensionNumbersOfType": {
        if (this.#registry.getMessage(request.value) === undefined) return notFound(`unknown message ${request.value}`);
        const extensionNumber = this.#extensionsOf(request.value).map(({ number }) => number);
        const value = { baseTypeName: request.value, extensionNumber };
        return { $case: "allExtensionNumbersResponse", value };
      }
      case undefined:
        return errorResponse(status.UNIMPLEMENTED, "the request must have a known message_request");
    }
  }

  #services(): { name: string }[] {
    return Array.from(this.#registry).flatMap((type) => (type.kind === "service" ? [{ name: type.typeName }] : []));
  }

  #extensionsOf(message: string) {
    return Array.from(this.#registry).flatMap((type) =>
      type.kind === "extension" && type.extendee.typeName === message ? [type] : [],
    );
  }

  /** Returns the file of a type or service, or of a field, oneof or method of one. */
  #fileOfSymbol(symbol: string): FileDescriptorProto | undefined {
    const type = this.#registry.get(symbol);
    if (type !== undefined) return type.file.proto;
    const dot = symbol.lastIndexOf(".");
    const parent = this.#registry.get(symbol.slice(0, Math.max(dot, 0)));
    const member = symbol.slice(dot + 1);
    switch (parent?.kind) {
      case "service":
        return parent.methods.some(({ name }) => name === member) ? parent.file.proto : undefined;
      case "message":
        return [...parent.fields, ...parent.oneofs].some(({ name }) => name === member) ? parent.file.proto : undefined;
      case "enum":
        return parent.values.some(({ name }) => name === member) ? parent.file.proto : undefined;
      default:
        return undefined;
    }
  }

  /** Returns the file, followed by the files that it imports directly or indirectly. */
  #files(file: FileDescriptorProto | undefined, problem: string): Answer {
    if (file === undefined) return notFound(problem);
    const files = new Set([file]);
    for (const each of files) {
      for (const name of each.dependency) {
        const imported = this.#registry.getFile(name)?.proto;
        if (imported !== undefined) files.add(imported);
      }
    }
    const fileDescriptorProto = Array.from(files, (each) => toBinary(FileDescriptorProtoSchema, each));
    return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
  }
}

function notFound(problem: string): Answer {
  return errorResponse(status.NOT_FOUND, problem);
}

function errorResponse(errorCode: number, errorMessage: string): Answer {
  return { $case: "errorResponse", value: { errorCode, errorMessage } };
}
