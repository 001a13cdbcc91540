// Writes texts with llama.cpp through node-llama-cpp, and times that itself. Asked on standard input: {"batch", "prompt", "tokens"}, the
// lengths of the prompt and of what is written; it answers {"seconds"}. All sequences are written side by side, in one context.
import path from "node:path";
import readline from "node:readline";
import {pathToFileURL} from "node:url";

const [modules, modelPath, threads, largest, columns] = process.argv.slice(2);
const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");

let context;
try {
    const {getLlama, getModuleVersion} = await import(pathToFileURL(path.join(modules, "node_modules/node-llama-cpp/dist/index.js")));
    const llama = await getLlama({gpu: false, build: "never", maxThreads: Number(threads), logger: () => {}});
    const model = await llama.loadModel({modelPath});
    context = await model.createContext({
        sequences: Number(largest), contextSize: Number(columns), batchSize: 512, threads: {ideal: Number(threads), min: Number(threads)}
    });
    say({version: await getModuleVersion()});
} catch (error) {
    say({error: String(error?.message ?? error)});
    process.exit(1);
}

for await (const line of readline.createInterface({input: process.stdin})) {
    const {batch, prompt, tokens} = JSON.parse(line);
    const started = process.hrtime.bigint();
    await Promise.all(Array.from({length: batch}, async (_, index) => {
        const sequence = context.getSequence();
        const asked = Array.from({length: prompt}, (_, i) => 32 + ((7 * index + i) % 90));
        let written = 0;
        for await (const _ of sequence.evaluate(asked, {temperature: 1, topK: 0, topP: 1, minP: 0, seed: index + 1, yieldEogToken: true}))
            if (++written === tokens)
                break;
        sequence.dispose();
    }));
    say({seconds: Number(process.hrtime.bigint() - started) / 1e9});
}
