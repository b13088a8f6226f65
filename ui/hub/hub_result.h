#pragma once

#include "core/sources/fetched_model.h"
#include "ui/hub/hub_repository.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QString>
#include <vector>

namespace weighbridge {

/// How a fetch ended. `Ok` and `FromCache` carry bytes; every other one carries only a message, or choices.
enum class HubStatus
{
    Ok,                 ///< fresh from the Hub
    FromCache,          ///< the copy kept from an earlier fetch; `HubResult::cause` says why
    NoNetwork,          ///< no connection could be made, or it broke before an answer
    HostNotFound,       ///< the name of the Hub's host does not resolve
    TlsFailure,         ///< the connection could not be secured
    Gated,              ///< 401 or 403: access has to be asked for, or a token given
    NotFoundRepository, ///< no such repository, as far as this token can see
    NotFoundRevision,   ///< the repository is there, the branch, tag or commit is not
    NotFoundFile,       ///< the repository is there, but has no config.json, or not the file that was named
    ChooseFile,         ///< the repository has no config.json but GGUF files: `HubResult::choices`
    NotFound,           ///< 404 without a word on which of the three it is
    RateLimited,        ///< 429
    ServerError,        ///< 5xx
    UnexpectedAnswer,   ///< anything else a server can say
    Truncated,          ///< the body ended early
    NotJson,            ///< the body is not JSON, for instance a web page
    WrongShape,         ///< the body is JSON but not an object
    TooLarge,           ///< more bytes than a config.json can have
    NoRanges,           ///< the server sends whole files only, and this one is too large for that
    RedirectRefused,    ///< sent to another host, down to plain http, or round and round
    Timeout,            ///< nothing moved for too long
    Cancelled,          ///< by the user, or by a newer fetch
    BadReference,       ///< the repository or revision can't be one; nothing was sent
    BadToken,           ///< the token can't be one (nothing was sent), or the Hub does not know it
    BadEndpoint,        ///< the Hub's address can't be used; nothing was sent
};

/// The outcome of one fetch: a value, complete in itself.
struct HubResult
{
    HubStatus status = HubStatus::Cancelled;
    HubStatus cause =
        HubStatus::Ok;  ///< with `FromCache`: what kept the fresh copy away; `Ok` when the copy was asked for
    QByteArray bytes;   ///< the config.json, with `Ok` and `FromCache`; empty where a GGUF file was named
    QString message;    ///< for people, translated, never holds the token
    QString repository; ///< "org/name" or a legacy "name", as asked for
    QString revision;   ///< as asked for, "main" when nothing was
    QDateTime cachedAt; ///< with `FromCache`: when the copy was fetched

    // Of a model's weights (HubModelFetch):
    QString file;                     ///< the GGUF file or quantization that was asked for; empty where none was
    std::vector<FetchedFile> files;   ///< headers; empty where the weights follow the rule
    std::vector<CountedType> counted; ///< of the repository's metadata
    QString weightsNote;              ///< why there are no headers; empty where there is nothing to say
    QList<GgufChoice> choices;        ///< GGUF files to choose from

    [[nodiscard]] bool hasConfig() const { return status == HubStatus::Ok || status == HubStatus::FromCache; }
};

/// What the core makes a model of.
[[nodiscard]] FetchedModel fetchedModel(const HubResult& result);

} // namespace weighbridge
