// Entry point of `npm run chaos`.
throw new Error("the chaos battery has no scenarios yet");
