using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using CoreSrl.Benchmarks.Checkpoint;

namespace CoreSrl.Benchmarks.Language;

/// <summary>A Node process that writes texts with llama.cpp, and times that itself.</summary>
internal sealed class LlamaPeer : IAsyncDisposable
{
    private readonly Process _process;

    private LlamaPeer(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    /// <summary>node-llama-cpp's version.</summary>
    public string Version { get; }

    /// <summary>Starts the process and waits until its model is loaded.</summary>
    /// <param name="modules">The folder in which node-llama-cpp was installed.</param>
    /// <param name="model">The GGUF file.</param>
    /// <param name="threads">How many threads it may use.</param>
    /// <param name="batch">The most sequences at once.</param>
    /// <param name="columns">The most tokens of each.</param>
    /// <exception cref="PeerException">It cannot be started, or does not load the model.</exception>
    public static async Task<LlamaPeer> StartAsync(string modules, string model, int threads, int batch, int columns)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "llama_peer.mjs"), Path.GetFullPath(modules), model, $"{threads}", $"{batch}", $"{columns}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"--llama {modules}: node cannot be started ({e.Message}). Install Node.js 20 or newer.");
        }

        var hello = await AnswerAsync(process);
        if ((string?)hello["error"] is not { } error)
            return new(process, (string)hello["version"]!);
        process.Dispose();
        throw new PeerException($"--llama {modules}: llama.cpp does not run ({error}). Run npm install --ignore-scripts node-llama-cpp in that folder.");
    }

    /// <summary>How long it takes to write so many texts side by side.</summary>
    public async Task<TimeSpan> WriteAsync(int batch, int prompt, int tokens)
    {
        await _process.StandardInput.WriteLineAsync(new JsonObject { ["batch"] = batch, ["prompt"] = prompt, ["tokens"] = tokens }.ToJsonString());
        await _process.StandardInput.FlushAsync();
        return TimeSpan.FromSeconds((double)(await AnswerAsync(_process))["seconds"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<JsonObject> AnswerAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            // The library may have something to say of its own.
            if (line.StartsWith('{'))
                return JsonNode.Parse(line)!.AsObject();
        }

        await process.WaitForExitAsync();
        throw new PeerException($"The Node process ended with exit code {process.ExitCode}; what it wrote to standard error says why.");
    }
}
