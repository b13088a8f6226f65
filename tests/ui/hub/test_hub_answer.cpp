#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_answer.h"

#include <gtest/gtest.h>
#include <string>

namespace weighbridge::test {
namespace {

using namespace Qt::StringLiterals;

struct Failure
{
    const char* name;
    QNetworkReply::NetworkError error;
    HubStatus status;
    bool cache; ///< a kept copy may stand in
};

class TransportFailure : public ::testing::TestWithParam<Failure>
{
};

TEST_P(TransportFailure, hasAStatusAndWords)
{
    HubAnswer answer;
    answer.host = u"hub.example"_s;
    answer.error = GetParam().error;
    const HubVerdict verdict = judgeFailure(answer);
    EXPECT_EQ(verdict.status, GetParam().status);
    EXPECT_TRUE(verdict.message.contains(u"hub.example"_s)) << verdict.message.toStdString();
    EXPECT_EQ(mayUseCache(verdict.status), GetParam().cache);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TransportFailure,
    ::testing::Values(Failure{"ConnectionRefused", QNetworkReply::ConnectionRefusedError, HubStatus::NoNetwork, true},
                      Failure{"ClosedUnanswered", QNetworkReply::RemoteHostClosedError, HubStatus::NoNetwork, true},
                      Failure{"SessionFailed", QNetworkReply::NetworkSessionFailedError, HubStatus::NoNetwork, true},
                      Failure{"Temporary", QNetworkReply::TemporaryNetworkFailureError, HubStatus::NoNetwork, true},
                      Failure{"Unknown", QNetworkReply::UnknownNetworkError, HubStatus::NoNetwork, true},
                      Failure{"ProxyRefused", QNetworkReply::ProxyConnectionRefusedError, HubStatus::NoNetwork, true},
                      Failure{"ProxyUnknown", QNetworkReply::UnknownProxyError, HubStatus::NoNetwork, true},
                      Failure{"ProxyTimeout", QNetworkReply::ProxyTimeoutError, HubStatus::Timeout, true},
                      Failure{"SystemTimeout", QNetworkReply::TimeoutError, HubStatus::Timeout, true},
                      Failure{"HostNotFound", QNetworkReply::HostNotFoundError, HubStatus::HostNotFound, true},
                      Failure{"Handshake", QNetworkReply::SslHandshakeFailedError, HubStatus::TlsFailure, true},
                      Failure{"NoTlsLibrary", QNetworkReply::ProtocolUnknownError, HubStatus::TlsFailure, true},
                      Failure{"NotHttp", QNetworkReply::ProtocolFailure, HubStatus::UnexpectedAnswer, false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(MayUseCache, letsTheHubsOwnAnswerStand)
{
    for (const HubStatus status :
         {HubStatus::Gated, HubStatus::NotFoundRepository, HubStatus::NotFoundRevision, HubStatus::NotFoundFile,
          HubStatus::NotFound, HubStatus::BadToken, HubStatus::BadReference, HubStatus::BadEndpoint,
          HubStatus::Cancelled, HubStatus::RedirectRefused, HubStatus::NotJson, HubStatus::WrongShape,
          HubStatus::TooLarge, HubStatus::Truncated}) {
        EXPECT_FALSE(mayUseCache(status)) << static_cast<int>(status);
    }
}

struct Retry
{
    const char* name;
    QByteArray header;
    const char* says;
};

class RetryAfter : public ::testing::TestWithParam<Retry>
{
};

TEST_P(RetryAfter, isSaidInOurOwnWords)
{
    HubAnswer answer;
    answer.httpStatus = 429;
    answer.retryAfter = GetParam().header;
    const HubVerdict verdict = judgeFailure(answer);
    EXPECT_EQ(verdict.status, HubStatus::RateLimited);
    if (*GetParam().says == '\0') {
        EXPECT_FALSE(verdict.message.contains(u"Try again"_s)) << verdict.message.toStdString();
    } else {
        EXPECT_TRUE(verdict.message.contains(QLatin1String(GetParam().says))) << verdict.message.toStdString();
    }
}

INSTANTIATE_TEST_SUITE_P(Table, RetryAfter,
                         ::testing::Values(Retry{"Seconds", " 120 ", "in 120 seconds"},
                                           Retry{"Date", "Wed, 21 Oct 2026 07:28:00 GMT", "Try again after"},
                                           Retry{"Missing", "", ""}, Retry{"Rubbish", "<script>alert(1)</script>", ""},
                                           Retry{"Negative", "-5", ""}, Retry{"Huge", "99999999999999999999", ""}),
                         [](const auto& row) { return std::string(row.param.name); });

} // namespace
} // namespace weighbridge::test
