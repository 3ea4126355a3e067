import voluptuous as vol

from imageserver.providers import fields
from imageserver.providers.base import Capabilities, Defaults, Done, ImageProvider
from imageserver.providers.encoded_picture import decode_picture
from imageserver.providers.http_client import HttpClient


class MyStableDiffusion(ImageProvider):
    """A Stable Diffusion in the house that speaks AUTOMATIC1111's API, as Forge and others do too."""

    code = "mySd"
    title = "My Stable Diffusion"
    capabilities = Capabilities(negative=True, seed=True, costs_money=False)
    defaults = Defaults(image_generate_threshold=30, daily_limit=0)
    schema = vol.Schema(
        {
            vol.Optional("address", default="http://127.0.0.1:7860"): fields.address,
            vol.Optional("steps", default=25): vol.All(int, vol.Range(min=1, max=150)),
        }
    )

    def __init__(self, options, context):
        self._address = options["address"]
        self._steps = options["steps"]
        self._size = context.size
        self._http = HttpClient(context, provider=self.title, timeout=600)

    async def submit(self, request):
        answer = await self._http.post(
            f"{self._address}/sdapi/v1/txt2img",
            {
                "prompt": request.prompt,
                "negative_prompt": request.negative or "",
                "seed": -1 if request.seed is None else request.seed,
                "width": self._size.width * 2,
                "height": self._size.height * 2,
                "steps": self._steps,
            },
        )
        answer.raise_for_status()
        images = answer.json().get("images") or [None]
        return Done(decode_picture(images[0], provider=self.title))
