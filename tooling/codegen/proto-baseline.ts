// Makes the current wire contract the baseline of `npm run check`: part of a release; see CONTRIBUTING.md.
import { buf } from "./contract.ts";

// Without the standard services in third-party/, which change with their own versions.
buf("build", "--path", "proto/snakepit", "--exclude-source-info", "--output", "baseline.binpb");
