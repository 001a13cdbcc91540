using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;
using CsCheck;

namespace CoreSrl.Tests.Formats;

/// <summary>What holds for any adapter folder, whatever is in it. CsCheck prints the seed of a failure.</summary>
public sealed class PeftPropertyTests
{
    private static readonly byte[] Config = Encoding.UTF8.GetBytes(new TestAdapter().Config.ToJsonString());
    private static readonly byte[] Tensors = SafetensorsWriter.Write(new TestAdapter().Tensors).ToArray();
    private static readonly byte[] Legacy = PtWriter.Write(new TestAdapter().Tensors).ToArray();
    private static readonly Gen<(int At, byte Value)[]> Changes = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 8];

    // What a config is made of, sound and otherwise.
    private static readonly string[] Keys =
    [
        "peft_type", "r", "lora_alpha", "target_modules", "lora_dropout", "use_rslora", "rank_pattern", "alpha_pattern",
        "modules_to_save", "bias", "use_dora", "init_lora_weights", "base_model_name_or_path", "tomorrow", "", "\\u0072", "\\ud800",
    ];

    private static readonly string[] Values =
    [
        "\"LORA\"", "\"none\"", "2", "8", "0", "-1", "0.5", "1e400", "1e-400", "99999999999999999999", "true", "false", "null",
        "\"\"", "\"q_proj\"", "\".*_proj\"", "\"all-linear\"", "\"(\"", "\"(a+)+$\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}",
        "[\"q_proj\",\"v_proj\"]", "[\"q_proj\",null]", "[[[[]]]]", "{\"q_proj\":2}", "{\"q_proj\":2,\"q_proj\":2}", "{\"(\":2}",
        "{\".*\":2,\"\":3}", "NaN", "", "{", "]",
    ];

    [Fact]
    public void A_folder_with_any_bytes_of_its_config_changed_reads_or_is_refused() =>
        Changes.Sample(changes => Open(Changed(Config, changes), Tensors), iter: 4000);

    [Fact]
    public void A_folder_with_any_bytes_of_its_tensors_changed_reads_or_is_refused() =>
        Changes.Sample(changes => Open(Config, Changed(Tensors, changes)), iter: 4000);

    [Fact]
    public void A_folder_with_any_bytes_of_its_legacy_tensors_changed_reads_or_is_refused() =>
        Changes.Sample(changes => Open(Config, Changed(Legacy, changes), "adapter_model.bin"), iter: 2000);

    [Fact]
    public void A_folder_whose_config_is_cut_anywhere_is_refused() =>
        Gen.Int[0, Config.Length - 1].Sample(length => Assert.Null(Open(Config[..length], Tensors)), iter: 300);

    [Fact]
    public void A_config_of_any_options_reads_or_is_refused_and_is_refused_when_one_occurs_twice() =>
        Gen.Select(Gen.OneOfConst(Keys), Gen.OneOfConst(Values)).Array[0, 6].Sample(
            options =>
            {
                // Half of them begin with what every config has.
                var sound = options.Length % 2 == 0 ? Encoding.UTF8.GetString(Config)[1..^1] + "," : "";
                var json = $"{{{sound}{string.Join(",", options.Select(option => $"\"{option.Item1}\":{option.Item2}"))}}}";

                var adapter = Open(Encoding.UTF8.GetBytes(json), Tensors);

                var given = options.Select(option => option.Item1).Concat(sound.Length > 0 ? Keys.Take(4) : []).ToArray();
                if (given.Distinct().Count() < given.Length)
                    Assert.Null(adapter);
                if (adapter is not null)
                    Assert.True(JsonNode.DeepEquals(adapter.Config.ToJson(), PeftConfig.Parse("again", adapter.Config.ToJson()).ToJson()));
            },
            iter: 8000);

    private static PeftAdapter? Open(byte[] config, byte[] tensors, string tensorsName = "adapter_model.safetensors")
    {
        var folder = new TestAdapter()
            .WithFile("adapter_model.safetensors", null)
            .WithFile("adapter_config.json", config)
            .WithFile(tensorsName, tensors);
        return Hostile.Open("adapter", config.Length + tensors.Length, Hostile.PerByteOfPickle, folder.Open);
    }

    private static byte[] Changed(byte[] original, (int At, byte Value)[] changes)
    {
        var bytes = original.ToArray();
        foreach (var (at, value) in changes)
            bytes[at % bytes.Length] = value;
        return bytes;
    }
}
