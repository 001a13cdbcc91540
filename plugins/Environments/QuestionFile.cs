using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// Reads questions from a file of JSON lines. A line is an object: <c>{"prompt": "2+3=", "answer": "5", "choices": ["4", "5"]}</c>.
/// Several answers can be right: <c>"answers": ["5", "five"]</c> in place of <c>"answer"</c>. Without <c>"choices"</c> any text may
/// be given. Blank lines are skipped.
/// </summary>
public static class QuestionFile
{
    private const string Example = """{"prompt": "2+3=", "answer": "5", "choices": ["4", "5"]}""";

    // Every parallel game opens the same file: parsed once, and again when the file changes.
    private static readonly ConcurrentDictionary<string, (DateTime Modified, long Length, ImmutableArray<Question> Questions)> Parsed =
        new();

    /// <summary>The questions of a file, at least one, in its order.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or a line is no question: says where, what and how to mend it.</exception>
    public static ImmutableArray<Question> Read(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                throw new InvalidDataException($"There is no file of questions at {path}. Set File to one with lines such as {Example}.");
            var (modified, length) = (file.LastWriteTimeUtc, file.Length);
            if (Parsed.TryGetValue(path, out var known) && known.Modified == modified && known.Length == length)
                return known.Questions;
            var questions = Parse(path, File.ReadLines(path));
            Parsed[path] = (modified, length, questions);
            return questions;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The file of questions {path} cannot be read: {error.Message}", error);
        }
    }

    private static ImmutableArray<Question> Parse(string path, IEnumerable<string> lines)
    {
        var questions = ImmutableArray.CreateBuilder<Question>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                questions.Add(Parse(line));
            }
            catch (JsonException error)
            {
                throw Broken($"this is not JSON from byte {error.BytePositionInLine + 1} on", error);
            }
            catch (FormatException error)
            {
                throw Broken(error.Message, error);
            }
        }

        return questions.Count > 0
            ? questions.ToImmutable()
            : throw new InvalidDataException($"{path} holds no question. Add lines such as {Example}.");

        InvalidDataException Broken(string what, Exception error) =>
            new($"{path}, line {number}: {what}. A line is one JSON object, such as {Example}.", error);
    }

    private static Question Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new FormatException("this is no JSON object");
        string? prompt = null;
        ImmutableArray<string> answers = [], choices = [];
        foreach (var property in document.RootElement.EnumerateObject())
        {
            switch (property.Name)
            {
                case "prompt":
                    prompt = Text(property.Value, "'prompt'");
                    break;
                case "answer":
                    answers = [Text(property.Value, "'answer'")];
                    break;
                case "answers":
                    answers = Texts(property.Value, "'answers'");
                    break;
                case "choices":
                    choices = Texts(property.Value, "'choices'");
                    break;
                default:
                    throw new FormatException($"'{property.Name}' is not known; known are prompt, answer, answers, choices");
            }
        }

        if (prompt is null)
            throw new FormatException("'prompt' is missing");
        if (answers.IsEmpty)
            throw new FormatException("'answer' is missing");
        var question = new Question(prompt, answers, choices);
        if (choices.Length == 1)
            throw new FormatException("'choices' has one entry, which leaves nothing to choose; add others or leave it out");
        if (choices.Distinct(StringComparer.Ordinal).Count() < choices.Length)
            throw new FormatException("'choices' has an entry twice");
        if (!choices.IsEmpty && !choices.Any(question.IsRight))
            throw new FormatException($"none of the choices is the answer '{answers[0]}'; add it to 'choices'");
        return question;
    }

    private static ImmutableArray<string> Texts(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? [.. value.EnumerateArray().Select(entry => Text(entry, $"an entry of {name}"))]
            : throw new FormatException($"{name} must be a list of texts");

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw new FormatException($"{name} must be a text that is not blank");
}
