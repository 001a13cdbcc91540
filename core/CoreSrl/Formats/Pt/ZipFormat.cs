namespace CoreSrl.Formats.Pt;

/// <summary>The numbers of the zip format (PKWARE APPNOTE.TXT, sections 4.3 to 4.5) that stored entries need.</summary>
internal static class ZipFormat
{
    public const uint LocalSignature = 0x04034b50;
    public const uint CentralSignature = 0x02014b50;
    public const uint End64Signature = 0x06064b50;
    public const uint Locator64Signature = 0x07064b50;
    public const uint EndSignature = 0x06054b50;

    /// <summary>Sizes of the records in bytes, without names, extra fields and comments.</summary>
    public const int LocalLength = 30;
    public const int CentralLength = 46;
    public const int End64Length = 56;
    public const int Locator64Length = 20;
    public const int EndLength = 22;

    /// <summary>An extra field begins with its id and its size, two bytes each.</summary>
    public const int ExtraHeaderLength = 4;

    /// <summary>The extra field that holds the 64-bit sizes and offset.</summary>
    public const ushort Zip64Extra = 0x0001;

    /// <summary>"FB", the extra field by which PyTorch moves data to a multiple of 64 (caffe2/serialize/inline_container.cc).</summary>
    public const ushort PaddingExtra = 0x4246;

    /// <summary>Where PyTorch aligns data, so that it can be mapped to memory, in bytes.</summary>
    public const int Alignment = 64;

    /// <summary>What a 16- or 32-bit field says when the 64-bit one holds the value.</summary>
    public const ushort Elsewhere16 = ushort.MaxValue;
    public const uint Elsewhere32 = uint.MaxValue;

    /// <summary>The entry is encrypted, in one of three ways, or a patch.</summary>
    public const ushort UnreadableFlags = 0x2061;

    /// <summary>Names are UTF-8.</summary>
    public const ushort Utf8Flag = 0x0800;

    /// <summary>The versions of the format an entry asks for: stored, with 64-bit fields.</summary>
    public const ushort Version20 = 20;
    public const ushort Version45 = 45;

    /// <summary>1 January 1980, the earliest date it can say: the same tensors make the same bytes.</summary>
    public const ushort Date = 0x21;
}
