#include "core/sources/hf_config.h"

#include <gtest/gtest.h>

namespace weighbridge {
namespace {

// What the real llama.cpp v0.5.0 counted in files of these networks; of BERT the checkpoint, less its pooler.
TEST(LocalFamilies, CountWhatLlamaCppCounts)
{
    struct Known
    {
        const char* config;
        std::int64_t parameters;
    };
    const Known
        networks[] =
            {
                {R"({"model_type":"bert","hidden_size":1024,"num_hidden_layers":24,"num_attention_heads":16,"intermediate_size":4096,"vocab_size":30522,"max_position_embeddings":512,"type_vocab_size":2})",
                 334'092'288},
                {R"({"model_type":"dream","hidden_size":3584,"num_hidden_layers":28,"num_attention_heads":28,"num_key_value_heads":4,"intermediate_size":18944,"vocab_size":152064,"max_position_embeddings":131072,"tie_word_embeddings":false})",
                 7'615'616'512},
                {R"({"model_type":"eurobert","hidden_size":768,"num_hidden_layers":12,"num_attention_heads":12,"num_key_value_heads":12,"intermediate_size":3072,"vocab_size":128256,"max_position_embeddings":8192})",
                 211'766'016},
                {R"({"model_type":"PanguEmbedded","hidden_size":4096,"num_hidden_layers":34,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":12800,"vocab_size":153376,"max_position_embeddings":32768,"tie_word_embeddings":false})",
                 8'030'887'936},
                {R"({"model_type":"llada","d_model":4096,"n_layers":32,"n_heads":32,"n_kv_heads":32,"mlp_hidden_size":12288,"embedding_size":126464,"max_position_embeddings":4096,"tie_word_embeddings":false})",
                 8'015'581'184},
                {R"({"model_type":"maincoder","hidden_size":1536,"num_hidden_layers":32,"num_attention_heads":16,"num_key_value_heads":4,"head_dim":96,"intermediate_size":4096,"vocab_size":151936,"max_position_embeddings":2048,"tie_word_embeddings":true})",
                 1'026'203'136},
                {R"({"model_type":"paddleocr","hidden_size":1024,"num_hidden_layers":18,"num_attention_heads":16,"num_key_value_heads":2,"head_dim":128,"intermediate_size":3072,"vocab_size":103424,"max_position_embeddings":131072,"tie_word_embeddings":false})",
                 466'654'208},
                {R"({"model_type":"smallthinker","hidden_size":2560,"num_hidden_layers":52,"num_attention_heads":28,"num_key_value_heads":4,"head_dim":128,"moe_num_primary_experts":64,"moe_num_active_primary_experts":6,"moe_ffn_hidden_size":768,"vocab_size":151936,"max_position_embeddings":16384,"sliding_window_size":4096,"tie_word_embeddings":false})",
                 21'506'562'560},
                {R"({"model_type":"neobert","hidden_size":768,"num_hidden_layers":28,"num_attention_heads":12,"intermediate_size":3072,"vocab_size":30522,"max_position_embeddings":4096})",
                 221'665'536},
                {R"({"model_type":"deepseek_ocr_text","hidden_size":1280,"num_hidden_layers":12,"num_attention_heads":10,"num_key_value_heads":10,"intermediate_size":6848,"moe_intermediate_size":896,"n_routed_experts":64,"num_experts_per_tok":6,"n_shared_experts":2,"first_k_dense_replace":1,"vocab_size":129280,"max_position_embeddings":8192,"tie_word_embeddings":false})",
                 2'934'734'080},
                {R"({"model_type":"chameleon","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"intermediate_size":11008,"vocab_size":65536,"max_position_embeddings":4096,"tie_word_embeddings":false})",
                 7'013'404'672},
                {R"({"model_type":"jais2","hidden_size":3328,"num_hidden_layers":32,"num_attention_heads":26,"num_key_value_heads":26,"head_dim":128,"intermediate_size":26624,"vocab_size":150272,"max_position_embeddings":8192,"tie_word_embeddings":false})",
                 8'090'401'280},
                {R"({"model_type":"grove_moe","hidden_size":2048,"num_hidden_layers":48,"num_attention_heads":32,"num_key_value_heads":4,"head_dim":128,"intermediate_size":6144,"moe_intermediate_size":768,"chunk_intermediate_size":128,"num_experts":128,"num_experts_per_tok":8,"vocab_size":151936,"max_position_embeddings":40960,"tie_word_embeddings":false})",
                 32'948'041'728},
                {R"({"model_type":"llada_moe","hidden_size":2048,"num_hidden_layers":16,"num_attention_heads":16,"num_key_value_heads":16,"dense_intermediate_size":8192,"expert_intermediate_size":1024,"num_experts":64,"num_experts_per_tok":8,"vocab_size":157184,"max_position_embeddings":8192,"tie_word_embeddings":false})", 7'356'880'896},
                {R"({"model_type":"llama_embed","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"max_position_embeddings":131072,"tie_word_embeddings":true})",
                 7'504'924'672},
                {R"({"model_type":"plamo","hidden_size":5120,"num_hidden_layers":40,"num_attention_heads":40,"num_key_value_heads":5,"intermediate_size":13824,"vocab_size":50432,"max_position_embeddings":4096,"tie_word_embeddings":false})",
                 11'369'395'200},
                {R"({"model_type":"rnd1","hidden_size":2048,"num_hidden_layers":48,"num_attention_heads":32,"num_key_value_heads":4,"head_dim":128,"intermediate_size":6144,"moe_intermediate_size":768,"num_experts":128,"num_experts_per_tok":8,"vocab_size":151936,"max_position_embeddings":32768,"tie_word_embeddings":false})",
                 30'532'122'624},
                {R"({"model_type":"refact","n_embd":2048,"n_layer":32,"n_head":32,"intermediate_size":5632,"vocab_size":49216,"n_positions":4096,"tie_word_embeddings":false})",
                 1'585'842'176},
                {R"({"model_type":"hunyuan_vl_text","hidden_size":1024,"num_hidden_layers":24,"num_attention_heads":16,"num_key_value_heads":8,"head_dim":128,"intermediate_size":3584,"vocab_size":120818,"max_position_embeddings":32768,"tie_word_embeddings":true})",
                 539'010'048},
                {R"({"model_type":"xverse","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"intermediate_size":11008,"vocab_size":100534,"max_position_embeddings":8192,"tie_word_embeddings":false})",
                 7'299'846'144},
            };
    for (const Known& known : networks) {
        const auto model = import_config_text(known.config, "tested");
        ASSERT_TRUE(model) << known.config << ": " << model.error().message;
        EXPECT_EQ((*model)->parameters.total, known.parameters) << known.config;
    }
}

} // namespace
} // namespace weighbridge
