#pragma once

#include "core/sources/weights_model.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The beginning of a weights file of a repository: its header. An index is there in full.
struct FetchedFile
{
    std::string name; ///< in the repository
    std::uint64_t size = 0;
    std::string bytes; ///< the first ones
};

/// What a repository's metadata counts in one data type of its safetensors files.
struct CountedType
{
    std::string type; ///< "BF16"
    std::int64_t elements = 0;
};

/// What came from a repository of models.
struct FetchedModel
{
    std::string config = {}; ///< config.json; empty where a GGUF file was chosen
    /// A GGUF file's parts; one safetensors file; an index and then its shards; or none.
    std::vector<FetchedFile> files = {};
    std::vector<CountedType> counted = {}; ///< of the repository's metadata; read where there are no headers
    std::string note = {}; ///< why there are no headers, or anything else to be said about the weights; empty: nothing
};

/// The model of it, as if the files were here: see read_model_path() and read_weights_path() in files/. Without headers
/// the weights follow the rule, and the model notes what the metadata counts and how far the rule is from that; headers
/// that can't be read are warned of, with the same. `name` is what to call the model, `source` the repository in
/// messages.
Result<ModelFile> model_of_fetched(const FetchedModel& fetched, const std::string& name, const std::string& source,
                                   const ImportOptions& options);

/// How much of a weights file has to be there so that its header can be read.
struct HeaderNeed
{
    std::uint64_t bytes = 0;     ///< from the start; no more than there are: the header is complete
    std::optional<Error> broken; ///< no header, however much there is
};

/// For the file of that name (.gguf or .safetensors) and size, of which the first `bytes` are here.
HeaderNeed header_need(std::string_view name, std::string_view bytes, std::uint64_t size);

} // namespace weighbridge
