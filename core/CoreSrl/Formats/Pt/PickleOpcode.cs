namespace CoreSrl.Formats.Pt;

/// <summary>
/// The opcodes of pickle protocol 2 that a state dict needs, with the names of Python's <c>pickletools</c>; the same ones that
/// PyTorch's weights-only unpickler knows. There is no other way to run code than <see cref="Reduce"/> and <see cref="Build"/>.
/// </summary>
internal enum PickleOpcode : byte
{
    Proto = 0x80,
    Stop = (byte)'.',
    Mark = (byte)'(',
    None = (byte)'N',
    NewTrue = 0x88,
    NewFalse = 0x89,
    BinInt = (byte)'J',
    BinInt1 = (byte)'K',
    BinInt2 = (byte)'M',
    Long1 = 0x8a,
    BinFloat = (byte)'G',
    BinUnicode = (byte)'X',
    EmptyDict = (byte)'}',
    EmptyList = (byte)']',
    EmptyTuple = (byte)')',
    Tuple = (byte)'t',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    Append = (byte)'a',
    Appends = (byte)'e',
    SetItem = (byte)'s',
    SetItems = (byte)'u',
    BinPut = (byte)'q',
    LongBinPut = (byte)'r',
    BinGet = (byte)'h',
    LongBinGet = (byte)'j',
    Global = (byte)'c',
    Reduce = (byte)'R',
    Build = (byte)'b',
    BinPersId = (byte)'Q',
}
