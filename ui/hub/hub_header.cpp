#include "ui/hub/hub_header.h"

#include <algorithm>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

/// A header of unknown length is asked for in pieces that double, up to this.
constexpr qint64 largestPiece = 4'194'304;

} // namespace

HubHeader::HubHeader(QNetworkAccessManager& manager, const QUrl& baseUrl, HubBudget& budget, QObject* parent)
    : QObject(parent), baseUrl_(baseUrl), budget_(budget), transfer_(manager, baseUrl)
{
    connect(&transfer_, &HubTransfer::finished, this, &HubHeader::onDelivered);
    connect(&transfer_, &HubTransfer::progress, this, [this](qint64 bytes, qint64) {
        Q_EMIT received(bytes - counted_);
        counted_ = bytes;
    });
}

void HubHeader::start(const Task& task, const QByteArray& token)
{
    task_ = task;
    token_ = token;
    file_ = {};
    file_.name = task.file.toStdString();
    ask(std::min(task.firstBytes, budget_.left));
}

/// Asks for what is missing of the first `wanted` bytes.
void HubHeader::ask(qint64 wanted)
{
    const auto have = static_cast<qint64>(file_.bytes.size());
    HubQuery query;
    query.url = fileUrl(baseUrl_, task_.reference, task_.file);
    query.token = token_;
    query.what = task_.file;
    query.range = HubRange{have, std::max<qint64>(1, wanted - have)};
    query.maximumBytes = query.range->length;
    query.mayLeaveHub = true;
    budget_.left -= query.range->length;
    counted_ = 0;
    transfer_.start(query);
}

void HubHeader::onDelivered(const HubDelivery& delivery)
{
    if (!delivery.delivered) {
        HubAnswer answer = delivery.answer;
        answer.repository = task_.reference.repository;
        answer.revision = effectiveRevision(task_.reference);
        Q_EMIT finished(delivery.problem.status != HubStatus::Ok ? delivery.problem : judgeFailure(answer));
        return;
    }
    const qint64 size = delivery.fileBytes;
    const bool moved = !file_.bytes.empty() && size != static_cast<qint64>(file_.size);
    if (moved || (task_.knownSize >= 0 && size != task_.knownSize)) {
        Q_EMIT finished(
            {HubStatus::UnexpectedAnswer,
             tr("The size of %1 is not what the Hub's list says. Was it changed just now?").arg(task_.file)});
        return;
    }
    file_.size = static_cast<std::uint64_t>(size);
    file_.bytes.append(delivery.body.constData(), static_cast<std::size_t>(delivery.body.size()));
    const HeaderNeed need = header_need(file_.name, file_.bytes, file_.size);
    const auto have = static_cast<qint64>(file_.bytes.size());
    if (need.broken) {
        Q_EMIT finished({HubStatus::WrongShape, QString::fromStdString(need.broken->message)});
        return;
    }
    if (need.bytes <= static_cast<std::uint64_t>(have)) {
        Q_EMIT finished({});
        return;
    }
    // A GGUF header does not say how long it is, so the pieces grow; a safetensors header does.
    const bool isGguf = task_.file.endsWith(u".gguf"_s);
    qint64 wanted = static_cast<qint64>(need.bytes);
    if (isGguf) {
        wanted = std::max(wanted, have + std::min(have, largestPiece));
    }
    wanted = std::min(wanted, size);
    if (wanted - have > budget_.left) {
        Q_EMIT finished({HubStatus::TooLarge,
                         tr("The header of %1 has more than is fetched of a model's headers.").arg(task_.file)});
        return;
    }
    ask(wanted);
}

} // namespace weighbridge
