import type { BridgeServiceServer } from "@snakepit/bridge-proto/grpc";
import { statusOfError } from "../server/error-status.ts";
import { OfferStream, type OfferStreamOptions } from "./offer-stream.ts";

/** Tools that clients execute themselves. */
export function offerToolsHandler(options: OfferStreamOptions): Pick<BridgeServiceServer, "offerTools"> {
  return {
    offerTools: (stream) => {
      try {
        new OfferStream(stream, options);
      } catch (thrown) {
        stream.emit("error", statusOfError(thrown));
      }
    },
  };
}
