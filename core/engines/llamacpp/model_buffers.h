#pragma once

#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/run.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Bytes of the model's buffers by device.
struct LlamaCppModelBuffers
{
    double cpu = 0;
    std::vector<double> gpus;
};

/// Bytes of what engines place as one.
struct LlamaCppLayerBytes
{
    std::vector<double> of_kind; ///< a layer, parallel to Architecture::kinds
    double input = 0;            ///< embedding and tables
    double output = 0;           ///< final norm and head, of a tied one its copy
    double in_file = 0;          ///< all that the file holds: a tied head once
};

LlamaCppLayerBytes llama_cpp_layer_bytes(const LlamaCppRun& run);

/// Bytes of an element of the biases of routed experts, which are one tensor of all experts.
std::int64_t experts_bias_bytes(const NumberFormat& weights);

/// Bytes of one tensor as GGUF files hold it: vectors and the router in fp32, matrices in the chosen format, the rest
/// in 16 bits.
double gguf_tensor_bytes(const LlamaCppRun& run, const Tensor& tensor);

/// Bytes of so many elements of a matrix of that part, in the file's format.
std::int64_t llama_cpp_weight_bytes(const LlamaCppRun& run, Part part, std::int64_t elements);

/// A vision model's towers in 16 bits, as they are converted.
double llama_cpp_projector_bytes(const Model& model);

/// Whether a tensor lies in the host's memory because its name, "blk.3.ffn_up.weight" or without a layer
/// "output.weight", fits one of the run's patterns.
bool llama_cpp_overridden(const LlamaCppRun& run, std::int64_t layer, std::string_view name);

/// Where every tensor lies. The embedding is on the CPU; a tied head is a second copy of it with the output layer,
/// wherever that is (TENSOR_DUPLICATED in llama-model.cpp). Vision and audio towers are
/// in a file of their own.
LlamaCppModelBuffers llama_cpp_model_buffers(const LlamaCppRun& run, const LlamaCppPlacement& placement);

} // namespace weighbridge
