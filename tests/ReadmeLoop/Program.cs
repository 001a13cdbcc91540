using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Torch;
using static TorchSharp.torch;

manual_seed(7);
var model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Dropout(0.1), nn.Linear(64, 1));
var optimizer = optim.AdamW(model.parameters(), lr: 0.01);
var state = TorchState.Of(model, optimizer); // and torch's random numbers

await using var checkpoints = await CheckpointManager.OpenAsync(
    LocalStorage.In("./checkpoints/circle"), new() { RunName = "circle", SaveInterval = 50, MaxCheckpoints = 3 });
var restored = await checkpoints.RestoreLatestAsync(state); // null when there is nothing to go on from
Console.WriteLine(restored is null ? "starting" : $"going on after step {restored.Step}");

for (var step = (restored?.Step ?? 0) + 1; step <= 500; step++)
{
    var loss = Learn();
    await checkpoints.SaveIfDueAsync(step, new Dictionary<string, double> { ["loss"] = loss }, state); // waits for a copy, no more
    if (step % 100 == 0)
        Console.WriteLine($"step {step}: loss {loss:F3}");
}

if (restored is not { Saved.Final: true })
    Console.WriteLine($"saved {(await await checkpoints.SaveAsync(500, null, state, final: true)).Id}"); // the second await: until it is durable

double Learn() // inside or outside of a circle?
{
    using var scope = NewDisposeScope();
    var points = rand(128, 2);
    var inside = points.norm(1, keepdim: true).lt(0.7).to_type(ScalarType.Float32);
    optimizer.zero_grad();
    var loss = nn.functional.binary_cross_entropy_with_logits(model.call(points), inside);
    loss.backward();
    optimizer.step();
    return loss.item<float>();
}
