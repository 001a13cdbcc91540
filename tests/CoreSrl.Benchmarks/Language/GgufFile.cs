using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Safetensors;
using CoreSrl.Torch;

namespace CoreSrl.Benchmarks.Language;

/// <summary>Writes the weights of a Qwen2 folder as the file that llama.cpp reads, the matrices in bfloat16 with the same bits.</summary>
/// <remarks>Format: "GGUF" in the documents of ggml; names of tensors: llama.cpp's <c>gguf-py/gguf/tensor_mapping.py</c>.</remarks>
internal static class GgufFile
{
    private const uint UInt32 = 4;
    private const uint Int32 = 5;
    private const uint Float32 = 6;
    private const uint Text = 8;
    private const uint List = 9;
    private const int Alignment = 32;

    private static readonly (string From, string To)[] Names =
    [
        ("model.embed_tokens.weight", "token_embd.weight"), ("model.norm.weight", "output_norm.weight"), ("model.layers.", "blk."),
        ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ];

    public static async Task WriteAsync(string folder, DecoderConfig shape, string path)
    {
        using var source = new FileSource(Path.Combine(folder, "model.safetensors"));
        var tensors = await SafetensorsReader.OpenAsync(source);
        await using var file = File.Create(path, 1 << 20);
        using var writer = new BinaryWriter(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Tensors.Length);
        var keys = Keys(shape);
        writer.Write((ulong)keys.Length);
        foreach (var (key, type, value) in keys)
        {
            Write(writer, key);
            writer.Write(type);
            switch (value)
            {
                case string text: Write(writer, text); break;
                case float number: writer.Write(number); break;
                case uint number: writer.Write(number); break;
                case string[] texts: Write(writer, Text, texts, Write); break;
                case int[] numbers: Write(writer, Int32, numbers, (to, number) => to.Write(number)); break;
            }
        }

        var offset = 0L;
        foreach (var (info, _) in tensors.Tensors.Select(tensor => (tensor.Info, tensor)))
        {
            Write(writer, NameOf(info.Name));
            writer.Write((uint)info.Shape.Length);
            foreach (var dimension in info.Shape.Reverse())
                writer.Write((ulong)dimension);
            writer.Write(info.Shape.Length == 1 ? 0u : 30u); // F32 for vectors, BF16 for matrices.
            writer.Write((ulong)offset);
            offset += Aligned(LengthOf(info));
        }

        Pad(writer, file);
        foreach (var tensor in tensors.Tensors)
        {
            var bytes = new byte[tensor.Info.ByteLength];
            await tensors.ReadAsync(tensor, 0, bytes);
            writer.Write(tensor.Info.Shape.Length == 1 ? Widened(bytes) : bytes);
            Pad(writer, file);
        }
    }

    private static (string Key, uint Type, object Value)[] Keys(DecoderConfig shape) =>
    [
        ("general.architecture", Text, "qwen2"),
        ("general.name", Text, "half-billion"),
        ("qwen2.block_count", UInt32, (uint)shape.Layers),
        ("qwen2.context_length", UInt32, 32768u),
        ("qwen2.embedding_length", UInt32, (uint)shape.HiddenSize),
        ("qwen2.feed_forward_length", UInt32, (uint)shape.IntermediateSize),
        ("qwen2.attention.head_count", UInt32, (uint)shape.Heads),
        ("qwen2.attention.head_count_kv", UInt32, (uint)shape.KeyValueHeads),
        ("qwen2.attention.layer_norm_rms_epsilon", Float32, (float)shape.RmsNormEpsilon),
        ("qwen2.rope.freq_base", Float32, (float)shape.RopeTheta),
        ("qwen2.vocab_size", UInt32, (uint)shape.VocabularySize),
        ("tokenizer.ggml.model", Text, "gpt2"),
        ("tokenizer.ggml.pre", Text, "qwen2"),
        ("tokenizer.ggml.tokens", List, Tokens(shape.VocabularySize)),
        ("tokenizer.ggml.token_type", List, Enumerable.Repeat(1, shape.VocabularySize).ToArray()),
        ("tokenizer.ggml.merges", List, new[] { "a b" }),
    ];

    private static string NameOf(string name) => Names.Aggregate(name, (text, pair) => text.Replace(pair.From, pair.To, StringComparison.Ordinal));

    private static long LengthOf(TensorInfo info) => info.Shape.Length == 1 ? info.ElementCount * 4 : info.ByteLength;

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter writer, Stream file)
    {
        writer.Flush();
        writer.Write(new byte[Aligned(file.Position) - file.Position]);
        writer.Flush();
    }

    // A bfloat16 is the upper half of a float32.
    private static byte[] Widened(byte[] halves)
    {
        var wide = new byte[halves.Length * 2];
        for (var i = 0; i < halves.Length; i += 2)
            (wide[(2 * i) + 2], wide[(2 * i) + 3]) = (halves[i], halves[i + 1]);
        return wide;
    }

    // It will not run without a vocabulary, though nothing here is put into words.
    private static string[] Tokens(int count) => [.. HalfBillion.ByteLetters, .. Enumerable.Range(256, count - 256).Select(token => $"token{token}")];

    private static void Write<T>(BinaryWriter writer, uint type, T[] values, Action<BinaryWriter, T> write)
    {
        writer.Write(type);
        writer.Write((ulong)values.Length);
        foreach (var value in values)
            write(writer, value);
    }

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
