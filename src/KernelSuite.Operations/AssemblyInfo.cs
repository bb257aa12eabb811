[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
[assembly: CLSCompliant(false)]
