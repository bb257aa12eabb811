// CUDA's built-in vector types with CUDA's alignments, so that a misaligned vector access is one on the host too.
#ifndef CUDAHOST_VECTOR_TYPES_H
#define CUDAHOST_VECTOR_TYPES_H

// clang checks the alignment of members and references, but not of whole structures that are copied: there copies are spelled out.
#if defined(__clang__)
#define CUDAHOST_COPIES2(element, type)                 \
    type() = default;                                   \
    type(element x_, element y_) : x(x_), y(y_) {}      \
    type(const type& other) : x(other.x), y(other.y) {} \
    type& operator=(const type& other)                  \
    {                                                   \
        x = other.x, y = other.y;                       \
        return *this;                                   \
    }
#define CUDAHOST_COPIES4(element, type)                                                  \
    type() = default;                                                                    \
    type(element x_, element y_, element z_, element w_) : x(x_), y(y_), z(z_), w(w_) {} \
    type(const type& other) : x(other.x), y(other.y), z(other.z), w(other.w) {}          \
    type& operator=(const type& other)                                                   \
    {                                                                                    \
        x = other.x, y = other.y, z = other.z, w = other.w;                              \
        return *this;                                                                    \
    }
#else
#define CUDAHOST_COPIES2(element, type)
#define CUDAHOST_COPIES4(element, type)
#endif

#define CUDAHOST_VECTOR2(element, name, alignment) \
    struct alignas(alignment) name##2              \
    {                                              \
        element x, y;                              \
        CUDAHOST_COPIES2(element, name##2)         \
    };                                             \
    static inline name##2 make_##name##2(element x, element y) { return {x, y}; }
#define CUDAHOST_VECTOR3(element, name) \
    struct name##3                      \
    {                                   \
        element x, y, z;                \
    };                                  \
    static inline name##3 make_##name##3(element x, element y, element z) { return {x, y, z}; }
#define CUDAHOST_VECTOR4(element, name, alignment) \
    struct alignas(alignment) name##4              \
    {                                              \
        element x, y, z, w;                        \
        CUDAHOST_COPIES4(element, name##4)         \
    };                                             \
    static inline name##4 make_##name##4(element x, element y, element z, element w) { return {x, y, z, w}; }

CUDAHOST_VECTOR2(signed char, char, 2)
CUDAHOST_VECTOR3(signed char, char)
CUDAHOST_VECTOR4(signed char, char, 4)
CUDAHOST_VECTOR2(unsigned char, uchar, 2)
CUDAHOST_VECTOR3(unsigned char, uchar)
CUDAHOST_VECTOR4(unsigned char, uchar, 4)
CUDAHOST_VECTOR2(short, short, 4)
CUDAHOST_VECTOR3(short, short)
CUDAHOST_VECTOR4(short, short, 8)
CUDAHOST_VECTOR2(unsigned short, ushort, 4)
CUDAHOST_VECTOR3(unsigned short, ushort)
CUDAHOST_VECTOR4(unsigned short, ushort, 8)
CUDAHOST_VECTOR2(int, int, 8)
CUDAHOST_VECTOR3(int, int)
CUDAHOST_VECTOR4(int, int, 16)
CUDAHOST_VECTOR2(unsigned int, uint, 8)
CUDAHOST_VECTOR3(unsigned int, uint)
CUDAHOST_VECTOR4(unsigned int, uint, 16)
CUDAHOST_VECTOR2(long long, longlong, 16)
CUDAHOST_VECTOR2(unsigned long long, ulonglong, 16)
CUDAHOST_VECTOR2(float, float, 8)
CUDAHOST_VECTOR3(float, float)
CUDAHOST_VECTOR4(float, float, 16)
CUDAHOST_VECTOR2(double, double, 16)

#undef CUDAHOST_COPIES2
#undef CUDAHOST_COPIES4
#undef CUDAHOST_VECTOR2
#undef CUDAHOST_VECTOR3
#undef CUDAHOST_VECTOR4

struct dim3
{
    unsigned int x, y, z;
    constexpr dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1) : x(x_), y(y_), z(z_) {}
};

#endif
