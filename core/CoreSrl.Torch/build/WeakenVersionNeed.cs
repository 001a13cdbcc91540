using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a 64-bit little-endian ELF library and marks one of its version needs weak in the copy, so that the dynamic loader
/// warns instead of refusing where a system's library lacks that version.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's libLibTorchSharp.so names GLIBCXX_3.4.32, which Debian 12, Ubuntu 22.04 and RHEL 9 lack, though no relocation
/// uses a symbol of it. The format: System V ABI, "Object Files", and LSB 5.0 Core, 10.7 "Symbol Versioning".
/// </remarks>
public class WeakenVersionNeed : Task
{
    private const int SectionTypeVersionNeed = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort FlagWeak = 2;                     // VER_FLG_WEAK

    /// <summary>The library to read; never written.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>The copy to write; replaced as a whole if it exists, also where it is a link.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>The version whose need becomes weak, such as GLIBCXX_3.4.32. A library without that need is copied as it is.</summary>
    [Required]
    public string Version { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var image = File.ReadAllBytes(Source);
            var found = Weaken(image);
            Log.LogMessage(MessageImportance.Normal, "{0}: need of {1} {2}", Source, Version, found ? "made weak" : "absent");
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            var partial = Destination + ".partial";
            File.WriteAllBytes(partial, image);
            File.Delete(Destination); // Of a link, the link itself goes.
            File.Move(partial, Destination);
            return true;
        }
        catch (Exception problem) when (problem is InvalidDataException || problem is IndexOutOfRangeException
            || problem is OverflowException || problem is ArgumentException)
        {
            Log.LogError("{0} is not laid out as expected of a 64-bit little-endian ELF library: {1} Delete the package that holds "
                + "it from the NuGet cache and restore again; if that does not help, adapt WeakenVersionNeed.cs.", Source, problem.Message);
            return false;
        }
    }

    private bool Weaken(byte[] elf)
    {
        if (elf.Length < 64 || BitConverter.ToUInt32(elf, 0) != 0x464c457f || elf[4] != 2 || elf[5] != 1)
            throw new InvalidDataException("its first bytes are not those of one.");
        var table = Offset(elf, 40);
        int entrySize = BitConverter.ToUInt16(elf, 58), sections = BitConverter.ToUInt16(elf, 60);
        if (sections == 0 || entrySize < 64)
            throw new InvalidDataException("it has no section table.");

        for (var i = 0; i < sections; i++)
        {
            var section = table + (i * entrySize);
            if (BitConverter.ToInt32(elf, section + 4) != SectionTypeVersionNeed)
                continue;
            var link = BitConverter.ToInt32(elf, section + 40);
            if (link <= 0 || link >= sections)
                throw new InvalidDataException("its version needs name no string table.");
            var names = Offset(elf, table + (link * entrySize) + 24);
            return WeakenIn(elf, Offset(elf, section + 24), BitConverter.ToInt32(elf, section + 44), names);
        }

        return false;
    }

    // One Elf64_Verneed per library needed (vn_cnt at 2, vn_aux at 8, vn_next at 12), each with a chain of Elf64_Vernaux, one per
    // version needed (vna_flags at 4, vna_name at 8, vna_next at 12).
    private bool WeakenIn(byte[] elf, int library, int libraries, int names)
    {
        var found = false;
        for (var i = 0; i < libraries; i++)
        {
            var need = checked(library + BitConverter.ToInt32(elf, library + 8));
            for (var j = BitConverter.ToUInt16(elf, library + 2); j > 0; j--)
            {
                if (NameAt(elf, checked(names + BitConverter.ToInt32(elf, need + 8))) == Version)
                {
                    elf[need + 4] |= (byte)FlagWeak;
                    found = true;
                }

                need = checked(need + BitConverter.ToInt32(elf, need + 12));
            }

            library = checked(library + BitConverter.ToInt32(elf, library + 12));
        }

        return found;
    }

    private static int Offset(byte[] elf, int at)
    {
        var offset = BitConverter.ToInt64(elf, at);
        if (offset <= 0 || offset >= elf.Length)
            throw new InvalidDataException("an offset points outside the file.");
        return (int)offset;
    }

    private static string NameAt(byte[] elf, int start)
    {
        var end = Array.IndexOf(elf, (byte)0, start);
        if (end < 0)
            throw new InvalidDataException("a name has no end.");
        return Encoding.ASCII.GetString(elf, start, end - start);
    }
}
