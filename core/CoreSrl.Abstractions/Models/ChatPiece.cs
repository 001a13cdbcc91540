namespace CoreSrl.Abstractions;

/// <summary>A piece of an answer: whole characters, and never a part of a text that ends it.</summary>
/// <param name="Text">What is written, behind the pieces before; the last may be empty.</param>
/// <param name="End">How the answer ended; null while it goes on.</param>
public sealed record ChatPiece(string Text, ChatEnd? End = null);
