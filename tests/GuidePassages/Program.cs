using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

// Runs what core/README.md shows, each passage in a folder of its own under the current one, and ends with the number that failed.
//
// A C# passage of the section '### Save Frequency' is a #region of Sections/SaveFrequency.cs, several in their order; the class in
// that file has the method RunAsync, which runs them and throws where something is not as the section says. A JSON passage is (a part
// of) a configuration; a trainer is created from it. GuideTests compares the texts and runs this.
var readme = args[0];
var failed = 0;

foreach (var section in Assembly.GetExecutingAssembly().GetTypes().Where(type => type.Namespace == "GuidePassages.Sections" && type.GetMethod("RunAsync") is not null).OrderBy(type => type.Name))
    await InFolderAsync(section.Name, () => (Task)section.GetMethod("RunAsync")!.Invoke(null, null)!);

foreach (var (index, match) in Regex.Matches(File.ReadAllText(readme), @"^```json\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Index())
    await InFolderAsync($"configuration {index + 1}", () => AcceptAsync(match.Groups[1].Value));

return failed;

async Task InFolderAsync(string name, Func<Task> run)
{
    var before = Directory.GetCurrentDirectory();
    Directory.SetCurrentDirectory(Directory.CreateDirectory(Path.Combine(before, name)).FullName);
    try
    {
        Console.WriteLine($"== {name}");
        await run();
    }
    catch (Exception e)
    {
        failed++;
        Console.WriteLine($"{name} failed: {(e is TargetInvocationException { InnerException: { } inner } ? inner : e)}");
    }
    finally
    {
        Directory.SetCurrentDirectory(before);
    }
}

// The passage over the built-in configuration, which has the sections that it leaves out.
static async Task AcceptAsync(string json)
{
    using var text = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
    var settings = new ConfigurationBuilder().AddJsonStream(text).Build().AsEnumerable().Where(setting => setting.Value is not null);
    await using var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default([.. settings.Select(setting => $"{setting.Key}={setting.Value}")]));
}
