// Where unix sockets can be made and to which process their directories belong: for packages that listen on sockets.

export { currentOwner, type DirectoryOwner, isOwnerDead, writeOwner } from "./directory-owner.ts";
export { describeFailure, pathLengthProblem, socketPathProblem } from "./socket-path.ts";
