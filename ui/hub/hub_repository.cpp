#include "ui/hub/hub_repository.h"

#include "core/sources/gguf_split.h"

#include <algorithm>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

constexpr qsizetype mostListedFiles = 100'000;
constexpr qsizetype longestName = 1024;
/// Sizes and counts come as doubles; above this they are no exact numbers any more, and no file is so large.
constexpr double mostCounted = 9007199254740992.0;

qint64 countOf(const QJsonValue& value)
{
    const double number = value.toDouble(-1);
    return number >= 0 && number <= mostCounted ? static_cast<qint64>(number) : -1;
}

/// The name of a file or of the first part, without folder, parts and ending.
QString stemOf(const QString& name)
{
    QString stem = name.section(u'/', -1);
    if (const auto split = gguf_split(stem.toStdString())) {
        return QString::fromStdString(split->prefix);
    }
    stem.chop(5);
    return stem;
}

} // namespace

const HubFile* HubRepository::find(const QString& name) const
{
    const auto found =
        std::find_if(files.cbegin(), files.cend(), [&](const HubFile& file) { return file.name == name; });
    return found == files.cend() ? nullptr : &*found;
}

std::optional<HubRepository> parseRepository(const QByteArray& body)
{
    const QJsonObject object = QJsonDocument::fromJson(body).object();
    const QJsonValue siblings = object.value("siblings"_L1);
    if (!siblings.isArray() || siblings.toArray().size() > mostListedFiles) {
        return std::nullopt;
    }
    HubRepository repository;
    const QJsonArray files = siblings.toArray();
    for (qsizetype i = 0; i < files.size(); ++i) {
        const QJsonObject file = files.at(i).toObject();
        const QString name = file.value("rfilename"_L1).toString();
        if (!name.isEmpty() && name.size() <= longestName) {
            repository.files.append({name, countOf(file.value("size"_L1))});
        }
    }
    const QJsonObject counts = object.value("safetensors"_L1).toObject().value("parameters"_L1).toObject();
    for (auto count = counts.begin(); count != counts.end() && repository.counts.size() < 64; ++count) {
        if (const qint64 elements = countOf(count.value()); elements >= 0 && count.key().size() <= 32) {
            repository.counts.append({count.key(), elements});
        }
    }
    return repository;
}

QString GgufChoice::label() const
{
    static const QRegularExpression quantization(
        u"(?:^|[-._])((?:UD-)?(?:I?Q[1-9][A-Z0-9_]*|TQ[12]_0|BF16|F16|F32|MXFP4(?:_MOE)?))\\z"_s,
        QRegularExpression::CaseInsensitiveOption);
    const QString stem = stemOf(name);
    const auto match = quantization.match(stem);
    return match.hasMatch() ? match.captured(1) : stem;
}

QList<GgufChoice> ggufChoices(const HubRepository& repository)
{
    QList<GgufChoice> choices;
    QHash<QString, qint64> sizes;
    for (const HubFile& file : repository.files) {
        sizes.insert(file.name, file.size);
    }
    for (const HubFile& file : repository.files) {
        const QString own = file.name.section(u'/', -1);
        if (!own.endsWith(u".gguf"_s) || own.contains(u"mmproj"_s, Qt::CaseInsensitive) ||
            own.contains(u"imatrix"_s, Qt::CaseInsensitive)) {
            continue;
        }
        GgufChoice choice{file.name, {file.name}, file.size};
        const auto split = gguf_split(file.name.toStdString());
        if (split && split->part != 1) {
            continue; // counted with the first
        }
        bool complete = true;
        for (int part = 2; split && complete && part <= split->parts; ++part) {
            const QString name = QString::fromStdString(gguf_part_name(*split, part));
            const auto size = sizes.constFind(name);
            complete = size != sizes.cend();
            if (complete) {
                choice.parts.append(name);
                choice.bytes = choice.bytes < 0 || *size < 0 ? -1 : choice.bytes + *size;
            }
        }
        if (complete) {
            choices.append(choice);
        }
    }
    return choices;
}

QList<GgufChoice> matchingChoices(const QList<GgufChoice>& choices, const QString& wanted)
{
    QList<GgufChoice> matching;
    if (wanted.endsWith(u".gguf"_s, Qt::CaseInsensitive)) {
        for (const GgufChoice& choice : choices) {
            const bool named = std::any_of(choice.parts.cbegin(), choice.parts.cend(), [&](const QString& part) {
                return part.compare(wanted, Qt::CaseInsensitive) == 0 ||
                       part.section(u'/', -1).compare(wanted, Qt::CaseInsensitive) == 0;
            });
            if (named) {
                matching.append(choice);
            }
        }
        return matching;
    }
    for (const GgufChoice& choice : choices) {
        const QString stem = stemOf(choice.name);
        const qsizetype before = stem.size() - wanted.size() - 1;
        const bool isWhole = before < 0 || u"-._"_s.contains(stem.at(before));
        if (stem.endsWith(wanted, Qt::CaseInsensitive) && isWhole) {
            matching.append(choice);
        }
    }
    return matching;
}

} // namespace weighbridge
