namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Shape of the register tile, as constants that the JIT folds.</summary>
internal interface ITileShape
{
    /// <summary>Vectors of queries side by side: 1, 2 or 4.</summary>
    static abstract int Vectors { get; }

    /// <summary>Rows of the largest block: 6 or 12.</summary>
    static abstract int Rows { get; }
}

/// <summary>Six rows of one vector.</summary>
internal readonly struct Tile6x1 : ITileShape
{
    public static int Vectors => 1;

    public static int Rows => 6;
}

/// <summary>Six rows of two vectors: 12 accumulators, for 16 registers.</summary>
internal readonly struct Tile6x2 : ITileShape
{
    public static int Vectors => 2;

    public static int Rows => 6;
}

/// <summary>Twelve rows of two vectors: 24 accumulators, for 32 registers.</summary>
internal readonly struct Tile12x2 : ITileShape
{
    public static int Vectors => 2;

    public static int Rows => 12;
}

/// <summary>Six rows of four vectors: 24 accumulators, for 32 registers.</summary>
internal readonly struct Tile6x4 : ITileShape
{
    public static int Vectors => 4;

    public static int Rows => 6;
}

/// <summary>Which index of A is contiguous, as a constant that the JIT folds.</summary>
internal interface IOrder
{
    /// <summary>Whether the elements of a row of A are contiguous; else those of a column are.</summary>
    static abstract bool RowMajor { get; }
}

/// <summary>Rows of A are contiguous: keys.</summary>
internal readonly struct RowMajor : IOrder
{
    static bool IOrder.RowMajor => true;
}

/// <summary>Columns of A are contiguous: values, transposed.</summary>
internal readonly struct ColumnMajor : IOrder
{
    public static bool RowMajor => false;
}
