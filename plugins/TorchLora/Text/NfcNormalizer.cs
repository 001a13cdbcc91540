using ICU4N.Text;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Unicode's normalisation form C (UAX #15), the same whether the system has ICU or not.</summary>
internal sealed class NfcNormalizer : Microsoft.ML.Tokenizers.Normalizer
{
    private static readonly Normalizer2 Nfc = Normalizer2.NFCInstance;

    /// <inheritdoc/>
    public override string Normalize(string original) => Nfc.Normalize(original);

    /// <inheritdoc/>
    public override string Normalize(ReadOnlySpan<char> original) => Nfc.Normalize(original.ToString());
}
