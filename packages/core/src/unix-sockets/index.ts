// Checks paths of Unix sockets and the owners of their directories, for packages that listen on sockets.

export { currentOwner, type DirectoryOwner, isOwnerDead, readOwner, writeOwner } from "./directory-owner.ts";
export {
  isOwnDirectory,
  OWNER_FILE,
  openPrivateDirectory,
  type PrivateDirectory,
  type PrivateDirectoryOptions,
  SOCKET_DIRECTORY_PREFIX,
  socketBases,
} from "./private-directory.ts";
export { describeFailure, pathLengthProblem, socketPathProblem } from "./socket-path.ts";
