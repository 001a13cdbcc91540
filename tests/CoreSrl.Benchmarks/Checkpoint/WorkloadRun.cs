using System.Diagnostics;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>Copies, saves and loads a workload in every way, by turns.</summary>
internal sealed class WorkloadRun
{
    public const string Copy = "memcpy, one thread";
    public const string HeldUp = "training is held up";
    public const string RawWrite = "raw write + fsync";
    public const string DurableSave = "durable save";
    public const string RawRead = "raw read, one thread";
    public const string RawReadParallel = "raw read, a thread per processor";
    public const string Load = "verified load";
    public const string ModuleSave = "TorchSharp Module.save";
    public const string ModuleSaveFlushed = "TorchSharp Module.save + fsync";
    public const string ModuleLoad = "TorchSharp Module.load";
    public const string PeerSave = "PyTorch torch.save";
    public const string PeerSaveFlushed = "PyTorch torch.save + fsync";
    public const string PeerLoad = "PyTorch torch.load";

    private readonly Workload _workload;
    private readonly string _folder;

    private WorkloadRun(Workload workload, string folder)
    {
        _workload = workload;
        _folder = folder;
    }

    private string RawPath => Path.Combine(_folder, "raw");

    private string ModulePath => Path.Combine(_folder, "module.dat");

    /// <summary>Measures a workload.</summary>
    /// <param name="workload">What is saved and loaded; afterwards it is as it was.</param>
    /// <param name="runs">How many rounds count.</param>
    /// <param name="python">A Python interpreter to measure PyTorch with; null for none.</param>
    /// <param name="progress">Told what is under way.</param>
    /// <exception cref="PeerException">The interpreter cannot do it.</exception>
    public static async Task<WorkloadResult> MeasureAsync(Workload workload, int runs, string? python, Action<string> progress)
    {
        using var folder = new TemporaryFolder();
        await using var peer = python is null ? null : await TorchPeer.StartAsync(python, Path.Combine(folder.Path, "peer.pt"), workload);
        return await new WorkloadRun(workload, folder.Path).MeasureAsync(peer, runs, done => progress($"{workload.Name}: {done}"));
    }

    private async Task<WorkloadResult> MeasureAsync(TorchPeer? peer, int runs, Action<string> progress)
    {
        // The engine comes first and alone: memory that others have used and given back would hide what it takes.
        using var peak = new MemoryPeak();
        await using var loop = await TrainingLoop.BeginAsync(LocalStorage.In(Path.Combine(_folder, "checkpoints")), _workload.State, keep: 2);
        for (var save = 0; save < 3; save++)
            await loop.SaveAsync();
        var extra = peak.Extra;

        PlainBytes.Write(RawPath, _workload.Windows);
        var probes = Probes(loop, PlainBytes.Touched(_workload.Windows)).Concat(peer is null ? [] : Probes(peer)).ToList();
        return new(_workload.Name, _workload.Bytes, extra, peer?.Version, await Interleaved.TakeAsync(probes, runs, progress));
    }

    private IEnumerable<Probe> Probes(TrainingLoop loop, IReadOnlyList<Memory<byte>> copy) =>
    [
        Probe.Of(Copy, () => PlainBytes.Copy(_workload.Windows, copy)),
        Probe.Of(HeldUp, DurableSave, () => AfterDeletionAsync(loop.SaveAsync)),
        Probe.Of(RawWrite, () => AfterDeletionAsync(() => Task.FromResult(WriteRaw()))),
        Probe.Of(RawRead, () => PlainBytes.Read(RawPath, _workload.Windows, 1)),
        Probe.Of(RawReadParallel, () => PlainBytes.Read(RawPath, _workload.Windows, Environment.ProcessorCount)),
        Probe.Of(Load, () => LoadAsync(loop)),
        Probe.Of(ModuleSave, ModuleSaveFlushed, () => AfterDeletionAsync(() => Task.FromResult(SaveModule()))),
        Probe.Of(ModuleLoad, LoadModule),
    ];

    private IEnumerable<Probe> Probes(TorchPeer peer) =>
        [Probe.Of(PeerSave, PeerSaveFlushed, () => AfterDeletionAsync(peer.SaveAsync)), Probe.Of(PeerLoad, peer.LoadAsync)];

    /// <summary>
    /// Whoever writes right after a large file was deleted finds memory for its own that is in use already; on a virtual machine that
    /// gives free memory back to its host, others wait for every page of it, several times as long as for the disk. So each has
    /// just deleted a file of the workload's size.
    /// </summary>
    private Task<T> AfterDeletionAsync<T>(Func<Task<T>> write)
    {
        WriteRaw();
        return write();
    }

    private TimeSpan WriteRaw()
    {
        var path = Path.Combine(_folder, "new");
        var elapsed = PlainBytes.Write(path, _workload.Windows);
        File.Delete(path);
        return elapsed;
    }

    private async Task<TimeSpan> LoadAsync(TrainingLoop loop)
    {
        _workload.Spoil();
        var elapsed = await loop.LoadAsync();
        return _workload.IsSpoilt ? throw new InvalidOperationException("A restore left a tensor as it was.") : elapsed;
    }

    private (TimeSpan Call, TimeSpan Flushed) SaveModule()
    {
        File.Delete(ModulePath);
        var clock = Stopwatch.StartNew();
        _workload.Module.save(ModulePath);
        var call = clock.Elapsed;
        return (call, call + PlainBytes.Flush(ModulePath));
    }

    private TimeSpan LoadModule()
    {
        var clock = Stopwatch.StartNew();
        _workload.Module.load(ModulePath);
        return clock.Elapsed;
    }
}
