#include "ui/hub/hub_request.h"

#include <algorithm>
#include <array>
#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

struct ReferenceText
{
    Q_DECLARE_TR_FUNCTIONS(weighbridge::HubReference)
};

// The Hub's own limits (huggingface_hub, utils/_validators.py: validate_repo_id).
constexpr qsizetype maximumNameLength = 96;
constexpr qsizetype maximumRevisionLength = 255;

ParsedReference refuse(const QString& why)
{
    return {std::nullopt, why};
}

/// A link that came without https:// still starts with a host.
bool startsWithHost(const QString& text, const QUrl& baseUrl)
{
    const QString first = text.section(u'/', 0, 0).toLower();
    return first == u"huggingface.co"_s || first == u"www.huggingface.co"_s || first == u"hf.co"_s ||
           (first == baseUrl.authority() && first.contains(u'.'));
}

bool isHubHost(const QUrl& link, const QUrl& baseUrl)
{
    const QString host = link.host();
    const bool official = host == u"huggingface.co"_s || host == u"www.huggingface.co"_s || host == u"hf.co"_s;
    return (official && link.port() == -1) || (host == baseUrl.host() && link.port() == baseUrl.port());
}

/// First segments of pages that are not models; no organisation can have these names.
bool isReservedName(const QString& name)
{
    static const std::array reserved{u"datasets"_s, u"spaces"_s,   u"api"_s,          u"docs"_s,        u"blog"_s,
                                     u"papers"_s,   u"models"_s,   u"tasks"_s,        u"collections"_s, u"learn"_s,
                                     u"posts"_s,    u"settings"_s, u"buckets"_s,      u"chat"_s,        u"pricing"_s,
                                     u"join"_s,     u"login"_s,    u"organizations"_s};
    return std::find(reserved.begin(), reserved.end(), name.toLower()) != reserved.end();
}

QString reservedNameProblem(const QString& name)
{
    if (name.toLower() == u"datasets"_s) {
        return ReferenceText::tr("That is a data set, not a model.");
    }
    if (name.toLower() == u"spaces"_s) {
        return ReferenceText::tr("That is a Space, not a model.");
    }
    return ReferenceText::tr("That is a page of the Hub, but not a model.");
}

/// What may follow a model's name in a link, with a revision behind it.
bool isPageWithRevision(const QString& segment)
{
    static const QStringList pages{u"tree"_s, u"blob"_s, u"resolve"_s, u"raw"_s, u"commits"_s, u"commit"_s, u"blame"_s};
    return pages.contains(segment);
}

bool isPageOfModel(const QString& segment)
{
    return isPageWithRevision(segment) || segment == u"discussions"_s;
}

/// Reads the part of a model's link after its name: `tree/<revision>`, `blob/<revision>/config.json` and the like.
ParsedReference parsePage(const QString& repository, QStringList page)
{
    if (page.isEmpty() || !isPageWithRevision(page.first())) {
        return {HubReference{repository, {}, {}}, {}}; // a tab of the model's page, such as discussions
    }
    const bool namesFile = page.first() == u"blob"_s || page.first() == u"resolve"_s || page.first() == u"raw"_s;
    page.removeFirst();
    if (page.isEmpty()) {
        return {HubReference{repository, {}, {}}, {}};
    }
    QString revision = page.takeFirst();
    if (revision == u"refs"_s &&
        page.size() >= 2) { // refs/pr/1: the one kind of revision the Hub writes with bare slashes
        revision += u'/' + page.takeFirst();
        revision += u'/' + page.takeFirst();
    }
    if (namesFile && !page.isEmpty() && page.last().endsWith(u".gguf"_s, Qt::CaseInsensitive)) {
        return {HubReference{repository, revision, page.join(u'/')}, {}};
    }
    if (page.size() > (namesFile ? 1 : 0)) {
        return refuse(ReferenceText::tr(
            "That link leads into a sub-folder. Only the config.json at the top of a repository is read."));
    }
    return {HubReference{repository, revision, {}}, {}};
}

ParsedReference parseLink(const QString& text, const QUrl& baseUrl)
{
    const QUrl link(text, QUrl::StrictMode);
    if (!link.isValid() || link.host().isEmpty() || !link.userInfo().isEmpty()) {
        return refuse(
            ReferenceText::tr("That link can't be read. It should look like https://huggingface.co/org/name."));
    }
    if ((link.scheme() != u"https"_s && link.scheme() != u"http"_s) || !isHubHost(link, baseUrl)) {
        return refuse(
            ReferenceText::tr("That link leads to another site. It should look like https://huggingface.co/org/name."));
    }
    QString path = link.path(QUrl::FullyEncoded);
    const QString basePath = baseUrl.adjusted(QUrl::StripTrailingSlash).path(QUrl::FullyEncoded) + u'/';
    if (link.host() == baseUrl.host() && path.startsWith(basePath)) {
        path.remove(0, basePath.size());
    }
    // Split before decoding: %2F belongs to a revision and separates nothing.
    QStringList segments = path.split(u'/', Qt::SkipEmptyParts);
    for (QString& segment : segments) {
        segment = QUrl::fromPercentEncoding(segment.toLatin1());
    }
    if (segments.isEmpty()) {
        return refuse(
            ReferenceText::tr("That link names no model. It should look like https://huggingface.co/org/name."));
    }
    if (isReservedName(segments.first())) {
        return refuse(reservedNameProblem(segments.first()));
    }
    QString repository = segments.takeFirst();
    const QString next = segments.value(0);
    const bool legacy = next.isEmpty() || isPageOfModel(next);
    if (!legacy) {
        repository += u'/' + segments.takeFirst();
    }
    if (repository.endsWith(u".git"_s)) { // an address to clone from
        repository.chop(4);
    }
    return parsePage(repository, segments);
}

ParsedReference parseName(const QString& text)
{
    HubReference reference;
    const qsizetype colon = text.indexOf(u':');
    if (colon >= 0 && colon + 1 == text.size()) {
        return refuse(
            ReferenceText::tr("After the colon a GGUF file or its quantization is missing, for instance Q4_K_M."));
    }
    reference.file = colon < 0 ? QString() : text.mid(colon + 1);
    const QString name = text.left(colon);
    const qsizetype at = name.indexOf(u'@');
    if (at >= 0 && at + 1 == name.size()) {
        return refuse(ReferenceText::tr("After the @ a branch, tag or commit is missing."));
    }
    reference.repository = name.left(at);
    reference.revision = at < 0 ? QString() : name.mid(at + 1);
    return {reference, {}};
}

QString repositoryProblem(const QString& repository)
{
    static const QRegularExpression form(u"\\A(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)?[A-Za-z0-9_][A-Za-z0-9._-]*\\z"_s);
    if (repository.startsWith(u"hf_"_s) && repository.size() >= 30 && !repository.contains(u'/')) {
        return ReferenceText::tr(
            "That looks like an access token, not like a model. Put it into the field for the token.");
    }
    if (!form.match(repository).hasMatch() || repository.contains(u".."_s)) {
        return ReferenceText::tr(
            "A model is written org/name, with letters, digits and - _ . only, for instance Qwen/Qwen3-8B.");
    }
    for (const QString& part : repository.split(u'/')) {
        if (part.size() > maximumNameLength) {
            return ReferenceText::tr("That name is too long for a model on the Hub (%1 characters at most).")
                .arg(maximumNameLength);
        }
    }
    const QString first = repository.section(u'/', 0, 0);
    return isReservedName(first) ? reservedNameProblem(first) : QString();
}

QString revisionProblem(const QString& revision)
{
    static const QRegularExpression form(u"\\A[A-Za-z0-9_][A-Za-z0-9._/+=-]*\\z"_s);
    if (revision.isEmpty()) {
        return {};
    }
    const bool slashes = revision.contains(u"//"_s) || revision.contains(u"/."_s) || revision.endsWith(u'/');
    if (!form.match(revision).hasMatch() || slashes || revision.contains(u".."_s) ||
        revision.size() > maximumRevisionLength) {
        return ReferenceText::tr(
            "The branch, tag or commit may have letters, digits and - _ . / + = only, for instance main.");
    }
    return {};
}

/// A quantization as file names spell it, or a file, in a sub-folder or not.
QString fileProblem(const QString& file)
{
    static const QRegularExpression form(u"\\A[A-Za-z0-9_][A-Za-z0-9._+=/()\\[\\] -]*\\z"_s);
    if (file.isEmpty()) {
        return {};
    }
    const bool climbs = file.contains(u".."_s) || file.contains(u"//"_s) || file.contains(u"/."_s);
    if (!form.match(file).hasMatch() || climbs || file.endsWith(u'/') || file.size() > maximumRevisionLength) {
        return ReferenceText::tr(
            "Behind the colon stands a GGUF file of the repository or its quantization, for instance "
            "Q4_K_M.");
    }
    const bool isTag = !file.contains(u'/') && !file.contains(u' ');
    if (!file.endsWith(u".gguf"_s, Qt::CaseInsensitive) && (!isTag || file.contains(u".safetensors"_s))) {
        return ReferenceText::tr("Behind the colon only a GGUF file can be named. Safetensors are found without it.");
    }
    return {};
}

/// `<base>` without its last slash, and what follows.
QUrl urlBelow(const QUrl& baseUrl, const QString& rest)
{
    QString path = baseUrl.path(QUrl::FullyEncoded);
    while (path.endsWith(u'/')) {
        path.chop(1);
    }
    QUrl url = baseUrl;
    url.setPath(path + rest, QUrl::TolerantMode);
    return url;
}

/// The slashes of a revision such as refs/pr/1 are written %2F, so that the Hub can tell where it ends.
QString encodedRevision(const HubReference& reference)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(effectiveRevision(reference)));
}

} // namespace

ParsedReference parseModelReference(const QString& text, const QUrl& baseUrl)
{
    QString rest = text.trimmed();
    if (rest.isEmpty()) {
        return refuse(ReferenceText::tr("Type a model, for instance Qwen/Qwen3-8B."));
    }
    if (std::any_of(rest.cbegin(), rest.cend(), [](QChar c) { return c.isSpace() || !c.isPrint(); })) {
        return refuse(
            ReferenceText::tr("A model's name has no spaces or invisible characters, for instance Qwen/Qwen3-8B."));
    }
    if (rest.startsWith(u"hf://"_s, Qt::CaseInsensitive)) {
        rest.remove(0, 5);
    } else if (rest.startsWith(u"hf:"_s, Qt::CaseInsensitive)) {
        rest.remove(0, 3);
    }
    if (!rest.contains(u"://"_s) && startsWithHost(rest, baseUrl)) {
        rest.prepend(u"https://"_s);
    }
    ParsedReference parsed = rest.contains(u"://"_s) ? parseLink(rest, baseUrl) : parseName(rest);
    if (parsed.reference) {
        if (const QString problem = referenceProblem(*parsed.reference); !problem.isEmpty()) {
            return refuse(problem);
        }
    }
    return parsed;
}

QString referenceProblem(const HubReference& reference)
{
    QString problem = repositoryProblem(reference.repository);
    if (problem.isEmpty()) {
        problem = revisionProblem(reference.revision);
    }
    return problem.isEmpty() ? fileProblem(reference.file) : problem;
}

QString referenceText(const HubReference& reference)
{
    QString text = reference.repository;
    if (!reference.revision.isEmpty() && reference.revision != u"main"_s) {
        text += u'@' + reference.revision;
    }
    return reference.file.isEmpty() ? text : text + u':' + reference.file;
}

QString effectiveRevision(const HubReference& reference)
{
    return reference.revision.isEmpty() ? u"main"_s : reference.revision;
}

QUrl configUrl(const QUrl& baseUrl, const HubReference& reference)
{
    return fileUrl(baseUrl, reference, u"config.json"_s);
}

QUrl fileUrl(const QUrl& baseUrl, const HubReference& reference, const QString& file)
{
    return urlBelow(baseUrl, u'/' + reference.repository + u"/resolve/"_s + encodedRevision(reference) + u'/' +
                                 QString::fromLatin1(QUrl::toPercentEncoding(file, "/")));
}

QUrl repositoryUrl(const QUrl& baseUrl, const HubReference& reference)
{
    QUrl url =
        urlBelow(baseUrl, u"/api/models/"_s + reference.repository + u"/revision/"_s + encodedRevision(reference));
    url.setQuery(u"blobs=true"_s);
    return url;
}

} // namespace weighbridge
