namespace Company.SrlPlugin.Tests;

public sealed class SrlFooEnvironmentTests
{
    [Fact]
    public async Task Who_takes_the_last_stone_wins()
    {
        var game = new SrlFooEnvironment(new() { Stones = 4, Take = 3 });
        var shown = await game.ResetAsync(2, 1, default);
        var first = shown.Seats[0].Observation is null ? 1 : 0;
        Assert.Equal("4 stones. Take how many? Who takes the last one wins.", shown.Seats[first].Observation!.Prompt);
        Assert.Equal("1 2 3", string.Join(' ', shown.Seats[first].Observation!.Choices));

        shown = await game.StepAsync(Move(first, "1"), default);
        Assert.Null(shown.Seats[first].Observation);
        shown = await game.StepAsync(Move(1 - first, "3"), default);
        Assert.True(shown.IsOver);
        Assert.Equal(1 - first, Assert.Single(shown.Winners));
        Assert.Equal(-1, shown.Seats[first].Reward);
    }

    private static string?[] Move(int seat, string stones) => seat == 0 ? [stones, null] : [null, stones];
}
