#include "recording_reader.h"

#include <fstream>
#include <sstream>

namespace
{
constexpr size_t most_entries = 100000;
constexpr size_t most_argument_bytes = 4096;

[[noreturn]] void wrong(const std::string& line, const char* expected)
{
    throw recording_error("launch.txt: expected " + std::string(expected) + ", found: " + line.substr(0, 200));
}

void read_numbers(const std::string& line, const std::string& text, uint32_t* values, int count)
{
    std::istringstream stream(text);
    std::string rest;
    for (int i = 0; i < count; i++)
    {
        if (!(stream >> values[i])) wrong(line, "numbers below 2^32");
    }
    if (stream >> rest) wrong(line, "nothing after the numbers");
}

std::vector<uint8_t> read_bytes(const std::string& line, const std::string& text)
{
    if (text.size() % 2 != 0 || text.size() > 2 * most_argument_bytes) wrong(line, "pairs of hexadecimal digits");
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < text.size(); i += 2)
    {
        if (!isxdigit(static_cast<unsigned char>(text[i])) || !isxdigit(static_cast<unsigned char>(text[i + 1])))
            wrong(line, "pairs of hexadecimal digits");
        bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

recorded_allocation read_allocation(const std::string& line, const std::string& text)
{
    std::istringstream stream(text);
    recorded_allocation read;
    if (!(stream >> std::hex >> read.address >> std::dec >> read.bytes) || read.bytes == 0) wrong(line, "an address and a size");
    return read;
}
} // namespace

recording read_recording(const std::string& folder)
{
    std::ifstream file(folder + "/launch.txt");
    if (!file) throw recording_error(folder + "/launch.txt cannot be opened: expected a folder that KSUITE_CUDAHOST_RECORD filled.");
    std::string line;
    if (!std::getline(file, line) || line != "cudahost-recording 1") wrong(line, "'cudahost-recording 1' in the first line");
    recording read;
    while (std::getline(file, line))
    {
        size_t blank = line.find(' ');
        std::string key = line.substr(0, blank);
        std::string value = blank == std::string::npos ? "" : line.substr(blank + 1);
        uint32_t workers = 0;
        if (key == "library")
            read.library = value;
        else if (key == "program")
            read.program = value;
        else if (key == "options")
            read.options = value;
        else if (key == "kernel")
            read.kernel = value;
        else if (key == "grid")
            read_numbers(line, value, read.grid, 3);
        else if (key == "block")
            read_numbers(line, value, read.block, 3);
        else if (key == "dynamic")
            read_numbers(line, value, &read.dynamic_bytes, 1);
        else if (key == "shared-limit")
            read_numbers(line, value, &read.shared_limit, 1);
        else if (key == "races")
            read_numbers(line, value, &read.races, 1);
        else if (key == "workers")
            read_numbers(line, value, &workers, 1);
        else if (key == "argument")
            read.arguments.push_back(read_bytes(line, value));
        else if (key == "allocation")
            read.allocations.push_back(read_allocation(line, value));
        else
            wrong(line, "a key of this format");
        if (read.arguments.size() > most_entries || read.allocations.size() > most_entries) wrong(line, "fewer lines");
    }
    return read;
}
