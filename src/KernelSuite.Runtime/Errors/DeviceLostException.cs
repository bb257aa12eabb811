namespace KernelSuite.Runtime;

/// <summary>
/// The device's context is gone, because a kernel faulted, the hardware failed, or something reset it. Everything of that device is lost; dispose
/// it all and open the device again. Memory contents do not survive.
/// </summary>
/// <param name="message">The whole text: call, device, what ended the context, next step.</param>
/// <param name="call">The call that met the loss.</param>
/// <param name="device">The device's id.</param>
/// <param name="code">The driver's status code that ended the context.</param>
public sealed class DeviceLostException(string message, string call, string device, int code) : DeviceException(message, call, device, code);
