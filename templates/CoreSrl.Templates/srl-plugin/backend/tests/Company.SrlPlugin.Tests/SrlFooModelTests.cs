using CoreSrl.Abstractions;

namespace Company.SrlPlugin.Tests;

public sealed class SrlFooModelTests
{
    [Fact]
    public async Task It_learns_what_is_rewarded()
    {
        var model = await new SrlFooBackend(new()).CreateAsync(new("model", Seed: 7, Threads: 1), default);
        var question = new Observation("Which one?", "left", "right");
        for (var update = 0UL; update < 50; update++)
        {
            var played = new List<Experience>();
            for (var turn = 0UL; turn < 8; turn++)
            {
                var answer = (await model.ActAsync([new(question, (update * 8) + turn)], default))[0];
                var reward = answer.Text == "right" ? 1.0 : -1.0;
                played.Add(new(question, answer, reward, reward));
            }

            await model.LearnAsync(new(played, new() { LearningRate = 0.1 }, update), default);
        }

        var answers = await model.ActAsync([.. Enumerable.Range(0, 100).Select(seed => new ModelRequest(question, (ulong)seed))], default);
        Assert.InRange(answers.Count(answer => answer.Text == "right"), 90, 100);
    }
}
