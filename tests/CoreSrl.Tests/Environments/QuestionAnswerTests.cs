using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.Environments;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Environments;

public sealed class QuestionAnswerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_solo_game_asks_its_questions_one_by_one_and_rewards_right_answers()
    {
        var game = new QuestionAnswerEnvironment(new() { File = Numbers(5), QuestionsPerGame = 3, WrongReward = -0.5 });
        Assert.Equal("1", game.Seats.ToString());
        var step = await game.ResetAsync(1, 3, default);
        List<double> rewards = [];
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.False(step.IsOver);
            var answer = step.Seats[0].Observation!.Prompt["What is ".Length..];
            step = await game.StepAsync([turn == 1 ? "no idea" : $" {answer} "], default);
            rewards.Add(step.Seats[0].Reward);
        }

        Assert.Equal([1, -0.5, 1], rewards);
        Assert.True(step.Seats[0] is { Terminated: true, Truncated: false, Observation: null, Cooperation: null });
        Assert.Empty(step.Winners.ToArray());
    }

    [Fact]
    public async Task A_solo_game_is_won_when_every_answer_was_right()
    {
        var game = new QuestionAnswerEnvironment(new() { File = File("""{"prompt": "2+3=", "answers": ["5", "Five"]}""") });
        await game.ResetAsync(1, 1, default);
        Assert.Equal(0, Assert.Single((await game.StepAsync(["\tfIVE\n"], default)).Winners));
        await game.ResetAsync(1, 1, default);
        Assert.Empty((await game.StepAsync([""], default)).Winners);
    }

    [Theory]
    [InlineData("yn", new[] { 2.0, -0.1 }, 0)]
    [InlineData("ny", new[] { -0.1, 2.0 }, 1)]
    [InlineData("yy", new[] { 1.0, 1.0 })]
    [InlineData("nn", new[] { -0.1, -0.1 })]
    [InlineData("yyn", new[] { 1.5, 1.5, -0.1 }, 0, 1)]
    [InlineData("nyn", new[] { -0.1, 2.0, -0.1 }, 1)]
    [InlineData("yyy", new[] { 1.0, 1.0, 1.0 })]
    public async Task In_a_race_a_right_answer_earns_the_share_of_the_others_that_it_beat_besides(
        string answers, double[] rewards, params int[] winners)
    {
        var game = new QuestionAnswerEnvironment(new()
        {
            File = File("""{"prompt": "Is it?", "answer": "y", "choices": ["y", "n"]}"""),
            Mode = QuestionMode.Race,
            WrongReward = -0.1,
        });
        var first = await game.ResetAsync(answers.Length, 1, default);
        Assert.All(first.Seats, seat => Assert.Equal(["y", "n"], seat.Observation!.Choices.ToArray()));
        var step = await game.StepAsync([.. answers.Select(answer => answer.ToString())], default);
        Assert.Equal(rewards, step.Seats.Select(seat => seat.Reward));
        Assert.Equal(winners, step.Winners.ToArray());
        Assert.True(step.IsOver);
    }

    [Fact]
    public async Task A_race_over_several_questions_goes_to_those_with_the_most_right_answers()
    {
        var game = new QuestionAnswerEnvironment(new() { File = Numbers(2), Mode = QuestionMode.Race });
        var step = await game.ResetAsync(3, 1, default);
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Single(step.Seats.Select(seat => seat.Observation!.Prompt).Distinct());
            var answer = step.Seats[0].Observation!.Prompt["What is ".Length..];
            step = await game.StepAsync([turn == 0 ? answer : "?", turn == 1 ? answer : "?", null], default);
        }

        Assert.Equal([0, 1], step.Winners.ToArray());
    }

    [Fact]
    public async Task A_seed_asks_the_same_questions_again_and_another_seed_others()
    {
        var options = new QuestionAnswerOptions { File = Numbers(50), QuestionsPerGame = 10 };
        var game = new QuestionAnswerEnvironment(options);
        var first = await AskedAsync(game, 1);
        Assert.NotEqual(first, await AskedAsync(game, 2));
        Assert.Equal(first, await AskedAsync(game, 1));
        Assert.Equal(first, await AskedAsync(new(options), 1));
        Assert.Equal(10, first.Distinct().Count());
    }

    [Fact]
    public async Task Over_many_games_every_question_is_asked_about_equally_often()
    {
        var game = new QuestionAnswerEnvironment(new() { File = Numbers(10), QuestionsPerGame = 3 });
        Dictionary<string, int> counts = [];
        for (var seed = 0UL; seed < 1000; seed++)
        {
            foreach (var prompt in await AskedAsync(game, seed))
                counts[prompt] = counts.GetValueOrDefault(prompt) + 1;
        }

        Assert.Equal(10, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 230, 370));
    }

    [Fact]
    public async Task A_file_with_fewer_questions_than_a_game_asks_each_once() =>
        Assert.Equal(
            ["What is 0", "What is 1"], (await AskedAsync(new(new() { File = Numbers(2), QuestionsPerGame = 100 }), 1)).Order());

    [Fact]
    public void A_seat_too_many_is_refused()
    {
        Assert.Equal(new SeatRange(2, 16), new QuestionAnswerEnvironment(new() { Mode = QuestionMode.Race }).Seats);
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuestionAnswerEnvironment(new()).ResetAsync(2, 1, default).AsTask().Wait());
    }

    [Fact]
    public void The_sample_questions_are_short_and_distinct_and_no_place_among_the_choices_gives_them_away()
    {
        var questions = QuestionFile.Read(QuestionAnswerEnvironment.SampleFile);
        Assert.Equal(16, questions.Length);
        Assert.Equal(16, questions.Select(question => question.Prompt).Distinct().Count());
        Assert.All(questions, question =>
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(question.Prompt), 1, 30);
            Assert.InRange(question.Choices.Length, 2, 4);
            Assert.All(question.Choices, choice => Assert.Equal(1, choice.Length));
            Assert.Single(question.Choices, question.IsRight);
        });
        var places = questions.CountBy(question => question.Choices.ToList().FindIndex(question.IsRight));
        Assert.All(places, place => Assert.InRange(place.Value, 1, 10));
    }

    [Theory]
    [InlineData("prompt", "this is not JSON from byte 1 on")]
    [InlineData("""{"prompt": "a", "answer": "b" """, "this is not JSON from byte 31 on")]
    [InlineData("[]", "this is no JSON object")]
    [InlineData("""{"answer": "b"}""", "'prompt' is missing")]
    [InlineData("""{"prompt": " ", "answer": "b"}""", "'prompt' must be a text that is not blank")]
    [InlineData("""{"prompt": "a"}""", "'answer' is missing")]
    [InlineData("""{"prompt": "a", "answer": 5}""", "'answer' must be a text that is not blank")]
    [InlineData("""{"prompt": "a", "answers": []}""", "'answers' must be a list of texts")]
    [InlineData("""{"prompt": "a", "answers": ["b", 5]}""", "an entry of 'answers' must be a text that is not blank")]
    [InlineData(
        """{"prompt": "a", "answer": "b", "choises": ["b"]}""", "'choises' is not known; known are prompt, answer, answers, choices")]
    [InlineData(
        """{"prompt": "a", "answer": "b", "choices": ["b"]}""",
        "'choices' has one entry, which leaves nothing to choose; add others or leave it out")]
    [InlineData("""{"prompt": "a", "answer": "b", "choices": ["b", "b"]}""", "'choices' has an entry twice")]
    [InlineData("""{"prompt": "a", "answer": "b", "choices": ["c", "d"]}""", "none of the choices is the answer 'b'; add it to 'choices'")]
    public void A_broken_line_is_named_with_what_is_wrong_and_what_a_line_is(string line, string problem)
    {
        var path = File("""{"prompt": "a", "answer": "b"}""", "", line);
        var error = Assert.Throws<InvalidDataException>(() => new QuestionAnswerEnvironment(new() { File = path }));
        const string Example = """{"prompt": "2+3=", "answer": "5", "choices": ["4", "5"]}""";
        Assert.Equal($"{path}, line 3: {problem}. A line is one JSON object, such as {Example}.", error.Message);
    }

    [Fact]
    public void A_missing_and_an_empty_file_say_what_to_do()
    {
        var error = Assert.Throws<InvalidDataException>(() => new QuestionAnswerEnvironment(new() { File = _folder["none"] }));
        Assert.StartsWith(
            $"There is no file of questions at {_folder["none"]}. Set File to one with lines such as",
            error.Message,
            StringComparison.Ordinal);
        var empty = File("", "  ");
        error = Assert.Throws<InvalidDataException>(() => new QuestionAnswerEnvironment(new() { File = empty }));
        Assert.StartsWith($"{empty} holds no question. Add lines such as", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_read_again()
    {
        var path = Numbers(3);
        Assert.Equal(3, QuestionFile.Read(path).Length);
        Assert.Equal(QuestionFile.Read(path), QuestionFile.Read(path));
        Numbers(4);
        Assert.Equal(4, QuestionFile.Read(path).Length);
    }

    private string Numbers(int count) =>
        File([.. Enumerable.Range(0, count).Select(i => $$"""{"prompt": "What is {{i}}", "answer": "{{i}}"}""")]);

    private string File(params string[] lines)
    {
        System.IO.File.WriteAllLines(_folder["questions.jsonl"], lines);
        return _folder["questions.jsonl"];
    }

    private static async Task<string[]> AskedAsync(QuestionAnswerEnvironment game, ulong seed)
    {
        List<string> asked = [];
        for (var step = await game.ResetAsync(1, seed, default); !step.IsOver; step = await game.StepAsync(["?"], default))
            asked.Add(step.Seats[0].Observation!.Prompt);
        return [.. asked];
    }
}
