// Entry point of `npm run fuzz`.
throw new Error("the fuzz battery has no inputs yet");
