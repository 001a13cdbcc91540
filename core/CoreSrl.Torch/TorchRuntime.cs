using System.Runtime.InteropServices;
using TorchSharp;

namespace CoreSrl.Torch;

/// <summary>The process-wide settings of libtorch.</summary>
public static partial class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static int? _threads;

    /// <summary>
    /// Prepares libtorch for models that run side by side in this process. Call it before anything else touches torch; calling it
    /// again with the same number does nothing. Safe from several threads.
    /// </summary>
    /// <remarks>
    /// Worker threads of OpenMP spin while they wait, and the spinning ones of two models stall each other, for seconds where
    /// processors are few. <c>OMP_WAIT_POLICY=passive</c> lets them sleep instead. OpenMP reads it once, from the process's native
    /// environment, when libgomp loads; a value that the user set is left alone. Only one operation of a model runs at a time, so
    /// torch's pool for operations side by side is never started and not sized here.
    /// </remarks>
    /// <param name="threads">How many threads one operation may use, at least 1. Sums of floating-point numbers depend on it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">Torch already runs with another number of threads; it has one per process.</exception>
    public static void Initialize(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        lock (Gate)
        {
            if (_threads == threads)
                return;
            if (_threads is { } present)
            {
                throw new InvalidOperationException(
                    $"Torch already runs with {present} threads per operation and cannot change to {threads}: the number holds for the "
                    + "whole process. Give all torch models of a process the same number of threads.");
            }

            if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
                _ = SetNativeVariable("OMP_WAIT_POLICY", "passive", 0);
            torch.set_num_threads(threads);
            _threads = threads;
        }
    }

    // .NET keeps its own copy of the environment on Unix; native libraries see only what setenv writes.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);
}
