using TorchSharp;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>Tells which of TorchSharp's objects stand for one tensor (tied weights); equal for those that do.</summary>
/// <remarks>
/// Some modules, such as an embedding, make a new object each time that they are asked for their weight, so on the CPU the address of
/// the elements decides. On a GPU, where TorchSharp does not tell it, the native object does; what two of these share is stored twice.
/// </remarks>
internal readonly record struct TensorIdentity(nint Place, ScalarType Type, long Elements)
{
    /// <summary>The identity of a live tensor.</summary>
    public static TensorIdentity Of(Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.numel() > 0 && tensor.is_contiguous()
        ? new(TorchTensor.AddressOf(tensor), tensor.dtype, tensor.numel())
        : new(tensor.Handle, tensor.dtype, -1);
}
