using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Tests.Plugins;

/// <summary>What is told of a plugin's options.</summary>
public sealed class OptionsRecordTests
{
    [Fact]
    public void Every_kind_of_option_is_told_with_its_type_default_and_limits() => Assert.Equal(
        [
            "Count: whole number, default 3, between 1 and 9",
            "Rate: number, default 0.5, at least 0 and below 1",
            "Seed: whole number, default null, any",
            "Fast: true or false, default true, any",
            "Name: text, default null, at least 2, required",
            "Place: text, default \"left\", one of left, right",
            "Code: text, default \"ab\", use two letters",
            "Mode: word, default \"min\", one of max, min",
            "Every: time span, default \"00:00:10\", between 00:00:01 and 01:00:00",
            "Names: list of text, default [\"a\"], at least 1",
            "Port: whole number, default null, any, required",
            "Retry:Times: whole number, default 2, at most 5 is enough",
            "Retry:After: time span, default \"00:00:00\", any",
        ],
        OptionsRecord.Read(typeof(AllKinds)).Select(option =>
            $"{option.Name}: {option.Type}, default {option.Default?.ToJsonString() ?? "null"}, {(option.Limits.Length == 0 ? "any" : option.Limits)}{(option.IsRequired ? ", required" : "")}"));

    [Fact]
    public void A_record_within_itself_is_told_once() => Assert.Equal(
        ["Depth: whole number", "Below: section of the same kind (Nested)", "Beside:Count: whole number", "Beside:Around: section of the same kind (Nested)"],
        OptionsRecord.Read(typeof(Nested)).Select(option => $"{option.Name}: {option.Type}"));

    public sealed record Nested
    {
        public int Depth { get; init; }

        public Nested? Below { get; init; }

        public Beside? Beside { get; init; }
    }

    public sealed record Beside
    {
        public int Count { get; init; }

        public Nested? Around { get; init; }
    }

    public sealed record AllKinds
    {
        [Range(1, 9)]
        public int Count { get; init; } = 3;

        [Range(0.0, 1.0, MaximumIsExclusive = true)]
        public double? Rate { get; init; } = 0.5;

        public ulong? Seed { get; init; }

        public bool Fast { get; init; } = true;

        [Required, MinLength(2)]
        public string? Name { get; init; }

        [AllowedValues("left", "right", null)]
        public string Place { get; init; } = "left";

        [RegularExpression("[a-z]{2}", ErrorMessage = "use two letters")]
        public string Code { get; init; } = "ab";

        public MetricMode Mode { get; init; } = MetricMode.Min;

        [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
        public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

        [MinLength(1)]
        public IReadOnlyList<string> Names { get; init; } = ["a"];

        public required int Port { get; init; }

        public Inner Retry { get; init; } = new();

        /// <summary>Cannot be set, so it is no option.</summary>
        public int Twice => Count * 2;
    }

    public sealed record Inner
    {
        [CustomValidation(typeof(Inner), nameof(Check), ErrorMessage = "at most 5 is enough")]
        public int Times { get; init; } = 2;

        public TimeSpan After { get; init; }

        public static ValidationResult? Check(int times, ValidationContext context) => times <= 5 ? ValidationResult.Success : new("too many");
    }
}
