#include "ui/session/loaded_model.h"

#include "core/sources/json_text.h"
#include "ui/session/architecture_keys.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace weighbridge {

Result<LoadedModel> loadPreset(const QString& name)
{
    ModelReference reference;
    reference.text = fromQt(name);
    return load_model(reference);
}

Result<LoadedModel> loadConfig(const QByteArray& bytes, const QString& name, const QString& source,
                               const ImportOptions& options)
{
    auto config = parse_json({bytes.constData(), static_cast<std::size_t>(bytes.size())}, "config.json");
    if (!config)
        return config.error();
    ModelReference reference;
    reference.kind = ModelReference::Kind::config;
    reference.text = fromQt(source);
    reference.name = fromQt(name);
    reference.read_as = options.read_as;
    reference.config = std::make_shared<const nlohmann::json>(std::move(*config));
    return load_model(reference);
}

Result<LoadedModel> loadFetched(const FetchedModel& fetched, const QString& name, const QString& source,
                                const ImportOptions& options)
{
    ModelReference reference;
    reference.kind = ModelReference::Kind::hub;
    reference.text = fromQt(source);
    reference.name = fromQt(name);
    reference.read_as = options.read_as;
    return load_fetched(fetched, std::move(reference));
}

Result<LoadedModel> loadCustom(const Architecture& shape)
{
    nlohmann::json config = nlohmann::json::object();
    for (const ArchitectureKey& key : architectureKeys()) {
        const auto value = architecture_field(shape, key.field);
        if (!value)
            continue;
        const std::string name(key.key.substr(architecturePrefix.size()));
        if (key.field == ArchitectureField::tie_word_embeddings)
            config[name] = *value != 0;
        else
            config[name] = *value;
    }
    // A latent attention has no key/value heads of its own: the nearest plain decoder has one per query head.
    if (!config.contains("num_kv_heads") && config.contains("num_attention_heads"))
        config["num_kv_heads"] = config["num_attention_heads"];
    config["model_type"] = generic_family;
    ModelReference reference;
    reference.kind = ModelReference::Kind::architecture;
    reference.name = fromQt(QCoreApplication::translate("LoadedModel", "Custom"));
    reference.config = std::make_shared<const nlohmann::json>(std::move(config));
    return load_model(reference);
}

QString shortModelName(const QString& name)
{
    return name.mid(name.lastIndexOf(QLatin1Char('/')) + 1);
}

} // namespace weighbridge
