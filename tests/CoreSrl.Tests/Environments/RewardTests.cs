using System.ComponentModel.DataAnnotations;
using CoreSrl.Plugins.Environments;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Environments;

public sealed class RewardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("42", "42", 1)]
    [InlineData("42", "6 times 7 is 42.", 1)]
    [InlineData("42", "42 is what 6 times 7 is", 0)]
    [InlineData("#### 18", "She makes $18.00", 1)]
    [InlineData("1234.5", "It is 1,234.50!", 1)]
    [InlineData("-4", "x = -4", 1)]
    [InlineData("4", "x = -4", 0)]
    [InlineData("4", "7-4", 1)]
    [InlineData("4", "7 - 4", 1)]
    [InlineData("4", "a-4", 1)]
    [InlineData("-4", "(-4)", 1)]
    [InlineData("34", "12,34", 1)]
    [InlineData("12345", "in all 12,345", 1)]
    [InlineData("4", "four", 0)]
    [InlineData("four", "four", 0)]
    [InlineData("7", "999999999999999999999999999999999999 7", 1)]
    [InlineData("0.1", ".1", 0)]
    [InlineData("5", "", 0)]
    public async Task The_last_number_counts(string answer, string text, double reward) =>
        Assert.Equal(reward, await RewardAsync(answer, text, new RewardOptions { Name = "number-match" }));

    [Theory]
    [InlineData(@"^\d+$", "12", 1)]
    [InlineData(@"^\d+$", "12 ", 0)]
    [InlineData(@"(?s)^<think>.*</think>\s*<answer>(?<answer>.*)</answer>$", "<think>3\n+2</think>\n<answer> FIVE </answer>", 1)]
    [InlineData(@"(?s)^<think>.*</think>\s*<answer>(?<answer>.*)</answer>$", "<think>3+2</think><answer>six</answer>", 0)]
    [InlineData(@"(?s)^<think>.*</think>\s*<answer>(?<answer>.*)</answer>$", "<answer>five</answer>", 0)]
    [InlineData("five", "it is five", 1)]
    [InlineData("five", "it is FIVE", 0)]
    public async Task A_pattern_matches_and_its_answer_is_one(string pattern, string text, double reward) =>
        Assert.Equal(reward, await RewardAsync("five", text, new RewardOptions { Name = "regex", Pattern = pattern }));

    // Without a guard this pattern takes until the end of days over this text.
    [Fact]
    public async Task No_answer_can_hold_a_game_up() =>
        Assert.Equal(0, await RewardAsync("five", new string('a', 100_000) + "!", new RewardOptions { Name = "regex", Pattern = "^(a+)+$" }));

    // DAPO's equation 13 with 10 and 4: to 6 nothing, then a quarter more for each.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(6, 0)]
    [InlineData(7, -0.25)]
    [InlineData(9, -0.75)]
    [InlineData(10, -1)]
    [InlineData(11, -1)]
    [InlineData(5000, -1)]
    public async Task What_is_too_long_is_punished_step_by_step(int length, double reward) => Assert.Equal(
        reward, await RewardAsync("five", new string('x', length), new() { Name = "exact-match" }, new() { Name = "length-penalty", MaxLength = 10, Stretch = 4 }));

    [Fact]
    public async Task Rewards_are_added_up_by_weight_the_first_says_what_is_right_and_each_is_told()
    {
        var game = Game(
            "18",
            new() { Name = "number-match", Weight = 2 },
            new() { Name = "regex", Pattern = "^so", Weight = 0.5 },
            new() { Name = "length-penalty", MaxLength = 20, Weight = 0.1 },
            new() { Name = "regex", Pattern = "!$", Weight = -4 });
        await game.ResetAsync(1, 1, default);
        var step = await game.StepAsync(["so it is clearly 18"], default);
        Assert.Equal(2 + 0.5 - (0.1 * 0.75), step.Seats[0].Reward, 12);
        Assert.Equal(
            "reward/length-penalty -0.75, reward/number-match 1, reward/regex 1, reward/regex-2 0",
            string.Join(", ", step.Seats[0].Info.OrderBy(info => info.Key, StringComparer.Ordinal).Select(info => FormattableString.Invariant($"{info.Key} {info.Value}"))));
        Assert.Equal([0], step.Winners.ToArray());

        await game.ResetAsync(1, 1, default);
        step = await game.StepAsync(["so 19!"], default);
        Assert.Equal(0.5 - 4, step.Seats[0].Reward, 12);
        Assert.Empty(step.Winners);
    }

    [Fact]
    public async Task In_a_race_who_is_right_earns_the_share_of_the_others_besides()
    {
        var game = new QuestionAnswerEnvironment(new() { File = File("18"), Mode = QuestionMode.Race, Rewards = [new() { Name = "number-match", Weight = 3 }] });
        await game.ResetAsync(3, 1, default);
        var step = await game.StepAsync(["it is 18", "17", "18"], default);
        Assert.Equal([3.5, 0, 3.5], step.Seats.Select(seat => seat.Reward));
        Assert.Equal([0, 2], step.Winners.ToArray());
    }

    [Theory]
    [InlineData("the reward 0 (number): Name: there is no such reward. Known: exact-match, length-penalty, number-match, regex", "number", null, null, null, 1.0)]
    [InlineData("the reward 0 (regex): Pattern: regex needs a pattern", "regex", null, null, null, 1.0)]
    [InlineData("the reward 0 (exact-match): Pattern: it is for regex, not for exact-match", "exact-match", "x", null, null, 1.0)]
    [InlineData("the reward 0 (regex): Pattern: look-around and back-references are not possible here, because matching must not backtrack", "regex", "(?<=a)b", null, null, 1.0)]
    [InlineData("the reward 0 (regex): Pattern: Invalid pattern '(' at offset 1. Not enough )'s.", "regex", "(", null, null, 1.0)]
    [InlineData("the reward 0 (number-match): MaxLength: it is for length-penalty, not for number-match", "number-match", null, 5, null, 1.0)]
    [InlineData("the reward 0 (exact-match): Weight: The field Weight must be between -1000 and 1000.", "exact-match", null, null, null, 2000.0)]
    public void What_does_not_go_together_is_told(string problem, string name, string? pattern, int? longest, int? stretch, double weight) => Assert.Equal(
        [problem], Problems(new() { Rewards = [new() { Name = name, Pattern = pattern, MaxLength = longest, Stretch = stretch, Weight = weight }] }));

    [Fact]
    public void A_penalty_alone_never_says_what_is_right() => Assert.Equal(
        [
            "the reward 0 (length-penalty): Stretch: it is 9, which is more than MaxLength, 5",
            "the first of them says which answers are right, and length-penalty never does: begin with another",
            "with Rewards a wrong answer is worth what they say: leave one of them out",
        ],
        Problems(new() { WrongReward = -0.5, Rewards = [new() { Name = "length-penalty", MaxLength = 5, Stretch = 9 }] }));

    private static IEnumerable<string?> Problems(QuestionAnswerOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), results, validateAllProperties: true);
        return results.Select(result => result.ErrorMessage);
    }

    private async Task<double> RewardAsync(string answer, string text, params RewardOptions[] rewards)
    {
        var game = Game(answer, rewards);
        await game.ResetAsync(1, 1, default);
        return (await game.StepAsync([text], default)).Seats[0].Reward;
    }

    private QuestionAnswerEnvironment Game(string answer, params RewardOptions[] rewards) => new(new() { File = File(answer), Rewards = rewards });

    private string File(string answer)
    {
        var path = Path.Combine(_folder.Path, "questions.jsonl");
        System.IO.File.WriteAllText(path, $$"""{"prompt": "What?", "answer": "{{answer}}"}""");
        return path;
    }
}
