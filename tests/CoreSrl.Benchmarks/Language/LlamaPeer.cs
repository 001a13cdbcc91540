using System.Text.Json.Nodes;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Language;

/// <summary>A Node process that writes texts with llama.cpp, and times that itself.</summary>
internal sealed class LlamaPeer(PeerProcess process) : IAsyncDisposable
{
    /// <summary>node-llama-cpp's version.</summary>
    public string Version => process.Version;

    /// <summary>Starts the process and waits until its model is loaded.</summary>
    /// <param name="modules">The folder in which node-llama-cpp was installed.</param>
    /// <param name="model">The GGUF file.</param>
    /// <param name="threads">How many threads it may use.</param>
    /// <param name="batch">The most sequences at once.</param>
    /// <param name="columns">The most tokens of each.</param>
    /// <exception cref="PeerException">It cannot be started, or does not load the model.</exception>
    public static async Task<LlamaPeer> StartAsync(string modules, string model, int threads, int batch, int columns) => new(await PeerProcess.StartAsync(
        $"--llama {modules}", "node", "llama_peer.mjs", "Install Node.js 20 or newer, and run npm install --ignore-scripts node-llama-cpp in that folder.",
        Path.GetFullPath(modules), model, $"{threads}", $"{batch}", $"{columns}"));

    /// <summary>How long it takes to write so many texts side by side.</summary>
    public async Task<TimeSpan> WriteAsync(int batch, int prompt, int tokens) => PeerProcess.Seconds(
        await process.AskAsync(new JsonObject { ["batch"] = batch, ["prompt"] = prompt, ["tokens"] = tokens }.ToJsonString()), "seconds");

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
