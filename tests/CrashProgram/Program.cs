using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.CrashProgram;
using CoreSrl.Killing;

// Usage: CrashProgram DIRECTORY STEPS. Goes on from the newest checkpoint, saves after every step, waits for every other save.
// Tells what it restored and what has become durable; dies where CORESRL_KILL_POINT says.
var storage = new KillingStorage(new StorageContext(Path.GetFullPath(args[0])));
var steps = long.Parse(args[1]);
await using (var manager = await CheckpointManager.OpenAsync(storage, new() { RunName = "loop", MaxCheckpoints = 2, SaveInterval = 1 }))
{
    manager.Saved += saved => Console.WriteLine($"durable {saved.Episode}");
    var state = LoopState.Unknown();
    var restored = await manager.RestoreLatestAsync(state);
    if (manager.Damaged is [var damage, ..])
        throw damage;
    if (restored is null)
        state = LoopState.At(0);
    else if (LoopState.At(restored.Step).DifferenceFrom(state) is { } difference || (difference = $"{restored.Notes["step"]} in the notes") != $"{restored.Step} in the notes")
        throw new InvalidDataException($"'{restored.Saved.Id}' does not hold what step {restored.Step} was: {difference} differs.");
    Console.WriteLine($"restored {restored?.Step ?? 0}");

    for (var step = (restored?.Step ?? 0) + 1; step <= steps; step++)
    {
        state = state.Next();
        var save = await manager.SaveAsync(step, new Dictionary<string, double> { ["step"] = step }, state, new() { ["step"] = step });
        if (step % 2 == 0)
            await save;
    }

    await manager.FlushAsync();
    await manager.PruneAsync(); // The process before may have died between its last save and what that would have removed.
}

Console.WriteLine("finished");
